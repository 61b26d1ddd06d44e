/** Makes a case that shows a difference as small as it goes: fewer steps, fewer rows, simpler statements. */
import type { Case } from './chance.ts'
import { simpler } from './query.ts'

/** `shows` plays a case and tells whether the same kind of difference is still there; it is asked at most `attempts` times. */
export async function shrink(what: Case, shows: (smaller: Case) => Promise<boolean>, attempts = 120): Promise<Case> {
  let [best, left] = [what, attempts]
  for (let found = true; found && left > 0;) {
    found = false
    for (const smaller of smallerThan(best)) {
      if (left-- <= 0) break
      if (!(await shows(smaller))) continue
      best = smaller
      found = true
      break
    }
  }
  return best
}

function* smallerThan(what: Case): Generator<Case> {
  const { items, lines, steps } = what
  if (lines.length > 0) yield { ...what, lines: [] }
  if (items.length > 0) yield { ...what, items: [], lines: [] }
  for (const at of steps.keys()) if (steps.length > 1) yield { ...what, steps: steps.toSpliced(at, 1) }
  for (const some of parts(items)) yield { ...what, items: some }
  for (const some of parts(lines)) yield { ...what, lines: some }
  for (const [at, step] of steps.entries()) for (const less of simpler(step)) yield { ...what, steps: steps.with(at, less) }
}

/** Halves, then all but one. */
function* parts<T>(list: readonly T[]): Generator<readonly T[]> {
  if (list.length > 3) {
    const half = Math.floor(list.length / 2)
    yield list.slice(0, half)
    yield list.slice(half)
  }
  for (const at of list.keys()) yield list.toSpliced(at, 1)
}
