/** A router that gives a client the settings it has asked for and leaves those of the client before where they are. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'leaves the settings of the client before on a server connection',
  refutes: {
    'SESS-007': ['clean'],
    'SEC-005': ['no-state'],
    'SEC-126': ['undeclared'],
    'SEC-127': ['said', 'hidden'],
    'SEC-128': ['temporary'],
  },
} satisfies Lie

if (import.meta.main) await runRouter(process.argv, { cleanUp: () => ['SELECT 1'] })
