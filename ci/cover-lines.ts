/** From V8's block coverage to lines: a line counts as run if some process ran a piece of it. */

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

/** Lines that hold code, and how many of them ran in at least one of the processes. Offsets are those of the text: types are stripped to blanks. */
export function coverLines(text: string, processes: readonly ScriptCoverage[]): Covered {
  const lines = linesOf(text)
  const ran = new Set<number>()
  for (const script of processes) for (const line of linesRun(text.length, lines, script)) ran.add(line)
  return { total: lines.filter((line) => line.code).length, covered: lines.filter((line, index) => line.code && ran.has(index)).length }
}

interface Line {
  readonly start: number
  readonly end: number
  readonly code: boolean
}

function linesOf(text: string): Line[] {
  let start = 0
  let inComment = false
  let inTypes = false
  return text.split('\n').map((line) => {
    const end = start + line.length
    const trimmed = line.trim()
    if (trimmed.startsWith('/*')) inComment = true
    if (/^(export )?(interface|type) /.test(line)) inTypes = true
    const code =
      !inComment && !inTypes && trimmed !== '' && !trimmed.startsWith('//') && !trimmed.startsWith('import ') && /[a-z0-9]/i.test(trimmed)
    if (trimmed.endsWith('*/')) inComment = false
    if (inTypes && (line.startsWith('}') || (/^(export )?type .*/.test(line) && !/[{|&=]$/.test(trimmed)) || trimmed === ''))
      inTypes = false
    const row = { start, end, code }
    start = end + 1
    return row
  })
}

/** Inner ranges come after outer ones and overrule them. */
function linesRun(length: number, lines: readonly Line[], script: ScriptCoverage): number[] {
  const counts = new Int32Array(length)
  const ranges = script.functions
    .flatMap((one) => one.ranges)
    .toSorted((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset)
  for (const range of ranges) counts.fill(range.count, range.startOffset, Math.min(range.endOffset, length))
  return lines.flatMap((line, index) => (line.code && counts.subarray(line.start, line.end).some((count) => count > 0) ? [index] : []))
}
