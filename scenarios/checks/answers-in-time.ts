/** A client always gets an answer, good or bad: none hangs until it gives up by itself. */
import { nameOf } from '../effects.ts'
import { checkOf } from '../finding.ts'

export default checkOf('answers-in-time', 'no client hangs until its deadline', ({ operations }) =>
  operations
    .filter(({ stuck }) => stuck)
    .map((operation) => ({
      kind: 'stuck',
      text: `${operation.message ?? 'no answer'} in phase ${operation.phase ?? '?'}: ${nameOf(operation)}`,
      operations: [operation.index],
    })),
)
