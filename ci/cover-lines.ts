/** Coverage of one file from two sides: what the test runner counted in its workers, and what V8 counted in the programs they started. */

/** Istanbul's form, as far as it is read here. */
export interface FileCoverage {
  readonly path: string
  readonly statementMap: Readonly<Record<string, { readonly start: Position }>>
  readonly s: Readonly<Record<string, number>>
}

/** `line` from 1, `column` from 0. */
interface Position {
  readonly line: number
  readonly column: number
}

/** V8's form. Offsets are those of the text on disk: types are stripped to blanks. */
export interface ScriptCoverage {
  readonly url: string
  readonly functions: readonly { readonly ranges: readonly Range[] }[]
}

interface Range {
  readonly startOffset: number
  readonly endOffset: number
  readonly count: number
}

export interface Covered {
  readonly total: number
  readonly covered: number
}

/** Lines on which a statement begins, and how many of them ran in a worker or in any of the programs. */
export function coverLines(text: string, file: FileCoverage, programs: readonly ScriptCoverage[]): Covered {
  const offsetOf = offsets(text)
  const counts = programs.map((script) => countsOf(text.length, script))
  const ran = new Map<number, boolean>()
  for (const [key, { start }] of Object.entries(file.statementMap)) {
    const byWorker = (file.s[key] ?? 0) > 0
    const byProgram = () => counts.some((count) => (count[offsetOf(start)] ?? 0) > 0)
    ran.set(start.line, ran.get(start.line) === true || byWorker || byProgram())
  }
  return { total: ran.size, covered: [...ran.values()].filter(Boolean).length }
}

function offsets(text: string): (position: Position) => number {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return ({ line, column }) => (starts[line - 1] ?? text.length) + column
}

/** How often each character ran: inner ranges come after outer ones and overrule them. */
function countsOf(length: number, script: ScriptCoverage): Int32Array {
  const counts = new Int32Array(length)
  const ranges = script.functions
    .flatMap((one) => one.ranges)
    .toSorted((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset)
  for (const range of ranges) counts.fill(range.count, range.startOffset, Math.min(range.endOffset, length))
  return counts
}
