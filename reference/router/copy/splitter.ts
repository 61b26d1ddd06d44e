/** Cuts copy data into rows, each with the value of one column, however it was split on the way. */
import { Refused } from '../refused.ts'
import type { CopyFormat } from './format.ts'

export interface CopyRow {
  /** With its end of line. */
  readonly bytes: Buffer
  /** The value of the column; null when it is NULL, undefined for what belongs to every shard. */
  readonly value: Buffer | null | undefined
}

export interface Splitter {
  /** Rows that are complete now. Throws a Refused 22P04. */
  push(chunk: Buffer): CopyRow[]
  /** The last row, when its end of line is missing. */
  end(): CopyRow[]
}

const largestRowBytes = 64 * 1024 * 1024

export const malformed = (what: string): Refused => new Refused('ERROR', '22P04', what)

/** `place`: of the column among those copied, from 0. */
export function lineSplitter(format: CopyFormat, place: number): Splitter {
  let rest = Buffer.alloc(0)
  let header = format.header
  const ends = format.format === 'csv' ? csvEnds(format) : textEnds
  const read = format.format === 'csv' ? csvValue : textValue
  const rowOf = (bytes: Buffer): CopyRow[] => {
    const line = bytes.toString('latin1').replace(/\r?\n$/, '')
    if (line === '\\.') return []
    if (header) {
      header = false
      return [{ bytes, value: undefined }]
    }
    return [{ bytes, value: read(line, place, format) }]
  }
  return {
    push(chunk) {
      const whole = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      const rows: CopyRow[] = []
      let start = 0
      for (const end of ends(whole)) {
        rows.push(...rowOf(whole.subarray(start, end)))
        start = end
      }
      rest = Buffer.from(whole.subarray(start))
      if (rest.length > largestRowBytes) throw new Refused('ERROR', '54000', `a row of more than ${largestRowBytes} bytes`)
      return rows
    },
    end: () => (rest.length === 0 ? [] : rowOf(Buffer.concat([rest, Buffer.from('\n')]))),
  }
}

/** A line break after an odd number of backslashes belongs to a value. */
function* textEnds(bytes: Buffer): Generator<number> {
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
    let slashes = 0
    while (bytes[at - 1 - slashes] === 92) slashes++
    if (slashes % 2 === 0) yield at + 1
  }
}

/** A line break between quotes belongs to a value. */
function csvEnds({ quote, escape }: CopyFormat): (bytes: Buffer) => Generator<number> {
  const [q, e] = [quote.charCodeAt(0), escape.charCodeAt(0)]
  return function* ends(bytes) {
    let quoted = false
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]
      if (quoted && byte === e && e !== q) at++
      else if (byte === q) quoted = !quoted
      else if (byte === 10 && !quoted) yield at + 1
    }
  }
}

function textValue(line: string, place: number, { delimiter, nullText }: CopyFormat): Buffer | null {
  let column = 0
  let start = 0
  for (let at = 0; at <= line.length; at++) {
    if (line[at] === '\\') {
      at++
      continue
    }
    if (at < line.length && line[at] !== delimiter) continue
    if (column === place) return unescaped(line.slice(start, at), nullText)
    column++
    start = at + 1
  }
  throw malformed('a row of the COPY has no value for the sharding key')
}

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

function unescaped(raw: string, nullText: string): Buffer | null {
  if (raw === nullText) return null
  const text = raw.replaceAll(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|[\s\S])/g, (_, what: string) => {
    if (/^x./.test(what)) return String.fromCharCode(parseInt(what.slice(1), 16))
    if (/^[0-7]/.test(what)) return String.fromCharCode(parseInt(what, 8) & 255)
    return escapes[what] ?? what
  })
  return Buffer.from(text, 'latin1')
}

function csvValue(line: string, place: number, format: CopyFormat): Buffer | null {
  const { delimiter, quote, escape, nullText } = format
  let column = 0
  let value = ''
  let quoted = false
  let wasQuoted = false
  for (let at = 0; at <= line.length; at++) {
    const letter = line[at]
    if (quoted && letter === escape && (line[at + 1] === quote || line[at + 1] === escape)) value += line[++at]
    else if (letter === quote) {
      quoted = !quoted
      wasQuoted = true
    } else if (letter !== undefined && (quoted || letter !== delimiter)) value += letter
    else {
      if (column === place) return value === nullText && !wasQuoted ? null : Buffer.from(value, 'latin1')
      column++
      value = ''
      wasQuoted = false
    }
  }
  throw malformed('a row of the COPY has no value for the sharding key')
}
