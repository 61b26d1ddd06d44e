/** Shrinks a finding to the fewest operations that still show it. */
import type { Check, Finding } from './finding.ts'
import type { History, Operation } from './history/record.ts'

/** A finding about no operation in particular (a sum, a prepared transaction) has none to show. */
export function shrink(history: History, check: Check, finding: Finding): readonly Operation[] {
  if (finding.operations.length === 0) return []
  const wanted = new Set(finding.operations)
  const shows = (operations: readonly Operation[]) =>
    check
      .judge({ ...history, operations })
      .some(({ kind, operations: own }) => kind === finding.kind && own.some((index) => wanted.has(index)))
  const named = history.operations.filter(({ index }) => wanted.has(index))
  return fewest(shows(named) ? named : history.operations, shows)
}

/** Takes away ever smaller pieces as long as the rest still shows it: what is left cannot spare any one operation. */
function fewest(all: readonly Operation[], shows: (operations: readonly Operation[]) => boolean): readonly Operation[] {
  let [left, piece] = [all, Math.ceil(all.length / 2)]
  while (left.length > 1) {
    const smaller = withoutOnePiece(left, piece).find(shows)
    if (smaller !== undefined) left = smaller
    else if (piece === 1) break
    else piece = Math.ceil(piece / 2)
    piece = Math.max(1, Math.min(piece, Math.ceil(left.length / 2)))
  }
  return left
}

function withoutOnePiece(from: readonly Operation[], length: number): readonly (readonly Operation[])[] {
  return Array.from({ length: Math.ceil(from.length / length) }, (_, at) => from.toSpliced(at * length, length))
}
