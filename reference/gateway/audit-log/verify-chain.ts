/** Checks the chain in a file, line by line, from its first record to its last. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { hashOf, linkIn, type Link } from './chain.ts'

export interface ChainReport {
  readonly records: number
  readonly first: Link | null
  readonly last: Link | null
  /** The first line that does not hold, and why; null for a chain that is whole. */
  readonly fault: { readonly line: number; readonly what: string } | null
}

/** Lines of a log that are no records of a chain are passed over, but for a torn one at the end. */
export async function verifyChain(lines: AsyncIterable<string> | Iterable<string>): Promise<ChainReport> {
  let [first, last, records, number, garbled]: [Link | null, Link | null, number, number, number | null] = [null, null, 0, 0, null]
  const report = (fault: ChainReport['fault']): ChainReport => ({ records, first, last, fault })
  for await (const line of lines) {
    number++
    const found = linkIn(line)
    garbled = found === null && !isOther(line) ? number : null
    if (garbled !== null && !line.startsWith('{')) return report({ line: number, what: 'is no record' })
    if (found === null) continue
    const what = faultOf(found.record, found.link, last)
    if (what !== null) return report({ line: number, what })
    first ??= found.link
    last = found.link
    records++
  }
  return report(garbled === null ? null : { line: garbled, what: 'is torn' })
}

export function linesOf(file: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })
}

function faultOf(record: object, { seq, prev, hash }: Link, last: Link | null): string | null {
  if (hashOf(record) !== hash) return 'was altered: its hash is another one'
  if (last === null) return seq === 1 && /[^0]/.test(prev) ? 'is the first, and follows another' : null
  if (seq !== last.seq + 1) return `has number ${seq}, and ${last.seq + 1} was due: records are missing, or out of order`
  return prev === last.hash ? null : 'follows another record than the one before it'
}

/** A whole line of the log that is not audited. */
function isOther(line: string): boolean {
  try {
    return line.trim() === '' || typeof JSON.parse(line) === 'object'
  } catch {
    return false
  }
}
