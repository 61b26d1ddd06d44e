/** A control plane that takes orders from whoever shows a good token. */
import { Denied } from '../reference/control-plane/access/authenticate.ts'
import { pieces } from '../reference/control-plane/pieces.ts'
import { run } from '../reference/control-plane/run.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'control-plane',
  why: 'takes orders from whoever shows a good token',
  refutes: { 'AUTH-003': ['api'], 'SEC-007': ['pooler-api'] },
} satisfies Lie

if (import.meta.main)
  await run(process.argv, {
    makeAuthenticate(config, now) {
      const honest = pieces.makeAuthenticate(config, now)
      return (...asked) =>
        honest(...asked).catch((cause: unknown) => {
          if (!(cause instanceof Denied) || cause.status !== 403) throw cause
          return { subject: 'anybody', cluster: null, endMs: Number.POSITIVE_INFINITY }
        })
    },
  })
