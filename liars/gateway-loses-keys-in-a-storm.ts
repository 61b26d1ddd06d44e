/** A gateway that forgets the keys it has when many unknown ones are asked for. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'forgets the keys it has when many unknown ones are asked for',
  refutes: {
    'JWT-103': ['good'],
  },
} satisfies Lie

if (import.meta.main) {
  let strangers = 0
  await run(process.argv, {
    makeKeySource(terms) {
      const source = pieces.makeKeySource(terms)
      return {
        get keys() {
          return strangers > 100 ? [] : source.keys
        },
        get ageMs() {
          return source.ageMs
        },
        lookFor: (id) => (strangers++, source.lookFor(id)),
        [Symbol.dispose]: () => source[Symbol.dispose](),
      }
    },
  })
}
