/** A gateway that reads whatever an issuer sends, however long it is and takes. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'reads whatever an issuer sends, however long it is and takes',
  refutes: {
    'JWT-108': ['size', 'time'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    fetchDocument: (terms, etag) => pieces.fetchDocument({ ...terms, maxBytes: Number.POSITIVE_INFINITY, timeoutMs: 6000 }, etag),
  })
}
