/** A write that was asked for once is applied once, whatever was lost on the way. */
import { effectsOf, nameOf } from '../effects.ts'
import { checkOf } from '../finding.ts'

export default checkOf('applied-once', 'no write is applied twice', (history) =>
  effectsOf(history)
    .filter(({ places }) => places.some(({ times }) => times > 1))
    .map(({ operation, places }) => ({
      kind: 'applied-twice',
      text: `asked for once, applied more often: ${nameOf(operation)}; ${places.map(({ where, times }) => `${where} has it ${times} times`).join(', ')}`,
      operations: [operation.index],
    })),
)
