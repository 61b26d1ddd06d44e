/** A router that passes a server connection on as the last client left it. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'passes a server connection on as the last client left it',
  refutes: { 'CONN-003': ['identity'], 'REC-002': ['repaired'] },
} satisfies Lie

if (import.meta.main) await runRouter(process.argv, { cleanUp: () => ['SELECT 1'], replay: () => null })
