/** Statements as PostgreSQL's own parser reads them. Texts are Latin-1, one character a byte, so that the parser's places are indices. */
import { hasSqlDetails, loadModule, parseSync, type Node } from 'libpg-query'
import { Refused } from '../refused.ts'

await loadModule()

export type { Node }

export interface Parsed {
  readonly node: Node
  /** The text of this statement alone, without what separates it from others. */
  readonly text: string
  /** Where it begins in the whole text: the parser's places count from the beginning of that. */
  readonly start: number
  /** What stands between it and the statement before it: comments. */
  readonly lead: string
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Throws a Refused 42601, as the server would say it, or 0A000 for what is not UTF-8. */
export function parseText(text: string): Parsed[] {
  const readable = readableOf(text)
  // The parser takes no text without any statement.
  if (readable.trim() === '') return []
  try {
    let before = 0
    return (parseSync(readable).stmts ?? []).flatMap(({ stmt, stmt_location: start = 0, stmt_len: length }) => {
      const end = length ? start + length : text.length
      const lead = text.slice(before, start)
      before = end
      return stmt ? [{ node: stmt, start, lead, text: text.slice(start, end) }] : []
    })
  } catch (error) {
    if (!hasSqlDetails(error)) throw error
    const { message = 'syntax error', cursorPosition = 0 } = error.sqlDetails ?? {}
    throw new Refused('ERROR', '42601', message, error, cursorPosition + 1)
  }
}

function readableOf(text: string): string {
  try {
    return strict.decode(Buffer.from(text, 'latin1'))
  } catch (error) {
    throw new Refused('ERROR', '0A000', 'a statement over shards must be UTF-8', error)
  }
}

export type Tree = Readonly<Record<string, unknown>>

/** Calls `visit` for each node by its tag, outermost first; `false` leaves out what is below. */
export function walk(value: unknown, visit: (tag: string, node: Tree) => boolean | void): void {
  if (Array.isArray(value)) return value.forEach((item) => walk(item, visit))
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner !== 'object' || inner === null) continue
    if (/^[A-Z]/.test(key) && !Array.isArray(inner) && visit(key, inner as Tree) === false) continue
    walk(inner, visit)
  }
}

/** Whether two pieces of a tree are the same, wherever they stand in the text. */
export function sameTree(a: unknown, b: unknown): boolean {
  return JSON.stringify(a, withoutPlaces) === JSON.stringify(b, withoutPlaces)
}

const places: ReadonlySet<string> = new Set([
  'location',
  'rexpr_list_start',
  'rexpr_list_end',
  'list_start',
  'list_end',
  'stmt_location',
  'stmt_len',
])

const withoutPlaces = (key: string, value: unknown): unknown => (places.has(key) ? undefined : value)

/** The parts of a dotted name; null when one of them is `*`. */
export function namesOf(fields: readonly Node[] | undefined): string[] | null {
  const names = (fields ?? []).map((field) => ('String' in field ? (field.String.sval ?? '') : null))
  return names.includes(null) ? null : (names as string[])
}
