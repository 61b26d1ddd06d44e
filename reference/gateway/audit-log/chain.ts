/** Records in a chain: each holds the hash of the one before, so that none can be altered or taken out unseen. */
import { createHash } from 'node:crypto'

export interface Link {
  readonly seq: number
  /** Of the record before. */
  readonly prev: string
  /** SHA-256 of this record's canonical text, `seq` and `prev` in it. */
  readonly hash: string
}

/** What the next record is linked to. */
export type Tail = Pick<Link, 'seq' | 'hash'>

export const beginning: Tail = { seq: 0, hash: '0'.repeat(64) }

/** What the log puts around a record; no part of it. */
const wrapping: ReadonlySet<string> = new Set(['level', 'time', 'msg', 'hash'])

export function link<R extends object>(record: R, tail: Tail): R & Link {
  const body = { ...record, seq: tail.seq + 1, prev: tail.hash }
  return { ...body, hash: hashOf(body) }
}

export function hashOf(record: object): string {
  return createHash('sha256').update(canonical(record, wrapping)).digest('hex')
}

/** One spelling for one value: JSON without spaces, the keys of each object in the order of their code units. */
export function canonical(value: unknown, without: ReadonlySet<string> = new Set()): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  const entries = Object.entries(value).filter(([key, inner]) => inner !== undefined && !without.has(key))
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`
}

/** The link in a line of the file, or of the log; null for a line that is no record of a chain. */
export function linkIn(line: string): { readonly record: object; readonly link: Link } | null {
  try {
    const record: unknown = JSON.parse(line)
    if (typeof record !== 'object' || record === null) return null
    const { seq, prev, hash } = record as Partial<Record<keyof Link, unknown>>
    if (typeof seq !== 'number' || typeof prev !== 'string' || typeof hash !== 'string') return null
    return { record, link: { seq, prev, hash } }
  } catch {
    return null
  }
}
