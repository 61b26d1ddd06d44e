/** A gateway that takes the first of several keys of one id. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes the first of several keys of one id',
  refutes: {
    'JWT-108': ['twice'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    readKeySet(text, terms) {
      pieces.readKeySet(text, terms)
      const { keys } = JSON.parse(text) as { keys: object[] }
      const sets = keys.map((jwk) => pieces.readKeySet(JSON.stringify({ keys: [jwk] }), terms))
      return { keys: sets.flatMap((set) => set.keys), left: sets.flatMap((set) => set.left) }
    },
  })
}
