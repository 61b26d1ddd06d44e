/** A router that gives all prepared statements one name on the server. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'gives all prepared statements one name on the server',
  refutes: { 'CONN-007': ['right'] },
} satisfies Lie

if (import.meta.main) await runRouter(process.argv, { statementName: () => 'the_one' })
