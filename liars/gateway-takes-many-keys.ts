/** A gateway that takes any number of keys from an issuer. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes any number of keys from an issuer',
  refutes: {
    'JWT-108': ['number'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, { readKeySet: (text, terms) => pieces.readKeySet(text, { ...terms, maxKeys: Number.POSITIVE_INFINITY }) })
}
