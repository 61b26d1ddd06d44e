/** A router that goes on in the clear where a server offers no encryption. */
import { NotVerified, openSocket } from '../reference/router/server/secure.ts'
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'goes on in the clear where a server offers no encryption',
  refutes: { 'TLS-004': ['declined'] },
} satisfies Lie

if (import.meta.main)
  await runRouter(process.argv, {
    openSocket: (target, begun) =>
      openSocket(target, begun).catch((cause: unknown) => {
        if (cause instanceof NotVerified && cause.message.includes('declined')) return openSocket({ ...target, tls: undefined }, begun)
        throw cause
      }),
  })
