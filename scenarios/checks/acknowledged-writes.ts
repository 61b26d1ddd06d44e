/** Whatever a client was told is done is there at the end. */
import { effectsOf, nameOf } from '../effects.ts'
import { checkOf } from '../finding.ts'

export default checkOf('acknowledged-writes', 'no acknowledged write is lost', (history) =>
  effectsOf(history)
    .filter(({ operation, places }) => operation.outcome === 'ok' && places.every(({ times }) => times === 0))
    .map(({ operation, places }) => ({
      kind: 'lost-write',
      text: `acknowledged and gone: ${nameOf(operation)}; it is not in ${places.map(({ where }) => where).join(' nor in ')}`,
      operations: [operation.index],
    })),
)
