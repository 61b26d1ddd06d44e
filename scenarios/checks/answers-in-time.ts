/** A client always gets an answer, good or bad, and in time: none hangs until it gives up by itself. */
import { nameOf } from '../effects.ts'
import { checkOf, type Found } from '../finding.ts'
import type { History } from '../history/record.ts'

export default checkOf('answers-in-time', 'no client hangs', (history) => [...stuck(history), ...late(history)])

const stuck = ({ operations }: History): readonly Found[] =>
  operations
    .filter((operation) => operation.stuck)
    .map((operation) => ({
      kind: 'stuck',
      text: `${operation.message ?? 'no answer'} in phase ${operation.phase ?? '?'}: ${nameOf(operation)}`,
      operations: [operation.index],
    }))

/** Whoever waits for bad news waits no longer than is granted. */
function late({ operations, budgets: { answerMs = Infinity } }: History): readonly Found[] {
  return operations
    .filter(({ outcome, returnMs, invokeMs, stuck: hung }) => outcome !== 'ok' && !hung && (returnMs ?? 0) - invokeMs > answerMs)
    .map((operation) => ({
      kind: 'told-too-late',
      text: `${Math.round(operation.returnMs! - operation.invokeMs)} ms until it was told "${operation.message}", ${answerMs} are granted: ${nameOf(operation)}`,
      operations: [operation.index],
    }))
}
