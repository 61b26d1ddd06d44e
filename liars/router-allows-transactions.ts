/** A router that lets clients begin transactions where it pools by statement. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'lets clients begin transactions where it pools by statement',
  refutes: { 'POOL-009': ['refused'] },
} satisfies Lie

if (import.meta.main) await runRouter(process.argv, { allowsTransactions: () => true })
