/** A source of keys that looks for unknown ones in another way. */
import type { pieces } from '../../reference/gateway/index.ts'

type KeySource = ReturnType<typeof pieces.makeKeySource>

export function lookingFor(source: KeySource, lookFor: KeySource['lookFor']): KeySource {
  return {
    get keys() {
      return source.keys
    },
    get ageMs() {
      return source.ageMs
    },
    lookFor,
    [Symbol.dispose]: () => source[Symbol.dispose](),
  }
}
