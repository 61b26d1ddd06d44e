/** A router that never again talks to a server whose certificate was bad once. */
import { NotVerified, openSocket } from '../reference/router/server/secure.ts'
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'never again talks to a server whose certificate was bad once',
  refutes: { 'TLS-004': ['again'] },
} satisfies Lie

if (import.meta.main) {
  let fault: NotVerified | null = null
  await runRouter(process.argv, {
    async openSocket(target, begun) {
      if (fault !== null) throw fault
      try {
        return await openSocket(target, begun)
      } catch (cause) {
        if (cause instanceof NotVerified) fault = cause
        throw cause
      }
    },
  })
}
