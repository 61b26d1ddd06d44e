/** INSERT: where the key of each row stands, and how the text is cut into rows. */
import { unsupported } from '../refused.ts'
import type { ShardedTable } from '../schema/tables.ts'
import type { Node, Parsed } from '../sql/syntax.ts'
import { tokensOf, type PlacedToken } from '../sql/tokens.ts'
import { keyColumn } from './facts.ts'
import { keySourceOf, type KeySource } from './key-source.ts'
import type { Reading } from './reading.ts'
import type { Level, Source } from './scope.ts'
import type { Select } from './shape.ts'

type Insert = Extract<Node, { InsertStmt: unknown }>['InsertStmt']

export interface InsertShape {
  readonly table: ShardedTable
  /** The key of each row of VALUES, with the row's text; null for INSERT … SELECT. */
  readonly rows: readonly { readonly key: KeySource | null; readonly text: string }[] | null
  /** What stands before and after the rows. */
  readonly before: string
  readonly after: string
  readonly problem: string | null
}

/** Null when the table is not sharded. */
export function readInsert(insert: Insert, parsed: Parsed, target: Source, query: Level | null, reading: Reading): InsertShape | null {
  if (target.placement?.kind !== 'sharded') return null
  const { table } = target.placement
  const place = placeOfKey(insert, table, reading)
  const select = insert.selectStmt && 'SelectStmt' in insert.selectStmt ? insert.selectStmt.SelectStmt : undefined
  if (!select) throw unsupported(`INSERT into ${table.name} needs a value for its sharding key ${table.column}`)
  if (!select.valuesLists) return fromSelect(table, itemAt(select, place, query, reading), target, query, reading)
  const keys = select.valuesLists.map((row) => keySourceOf('List' in row ? row.List.items?.[place] : undefined, table.type))
  const cut = keys.length > 1 ? cutRows(parsed.text, keys.length) : { before: '', texts: [''], after: '' }
  return { table, before: cut.before, after: cut.after, rows: keys.map((key, i) => ({ key, text: cut.texts[i] ?? '' })), problem: null }
}

function placeOfKey({ cols, relation }: Insert, table: ShardedTable, reading: Reading): number {
  const names = cols
    ? cols.map((item) => ('ResTarget' in item ? item.ResTarget.name : undefined))
    : reading.tables.catalogue.columns.get(relation?.relname ?? '')?.map(({ name }) => name)
  const place = names?.indexOf(table.column) ?? -1
  if (place < 0) throw unsupported(`INSERT into ${table.name} needs a value for its sharding key ${table.column}`)
  return place
}

/** The expression at a place of the list; `*` of one table counts as its columns. */
function itemAt({ targetList }: Select, place: number, query: Level | null, { tables }: Reading): Node | undefined {
  const [first] = targetList ?? []
  const value = first && 'ResTarget' in first ? first.ResTarget.val : undefined
  const star = value && 'ColumnRef' in value && value.ColumnRef.fields?.some((field) => 'A_Star' in field)
  if (!star) return targetList?.[place]
  const [source] = query?.sources ?? []
  const name = tables.catalogue.columns.get(source?.table ?? '')?.[place]?.name
  const alone = targetList?.length === 1 && query?.sources.length === 1 && name !== undefined
  return alone ? { ResTarget: { val: { ColumnRef: { fields: [{ String: { sval: name } }] } } } } : undefined
}

/** The key must be the very key of the rows that are read, or a literal or parameter. */
function fromSelect(table: ShardedTable, item: Node | undefined, target: Source, query: Level | null, reading: Reading): InsertShape {
  const value = item && 'ResTarget' in item ? item.ResTarget.val : undefined
  const key = keySourceOf(value, table.type)
  const column = query && keyColumn(reading.names.resolve(value, query))
  if (key) reading.facts.pins.push({ source: target, keys: [key] })
  if (column) reading.facts.links.push({ from: target, to: column.of }, { from: column.of, to: target })
  if (!key && !column) throw unsupported(`INSERT into ${table.name} from a SELECT needs the sharding key of a table it reads, or a value`)
  const select = query !== null && query.sources.length === 0
  return { table, rows: null, before: '', after: '', problem: select ? 'INSERT of a SELECT without tables' : null }
}

/** `VALUES (…), (…)` is the only place where brackets follow VALUES at the outermost depth. */
function cutRows(text: string, count: number): { before: string; texts: string[]; after: string } {
  const tokens = [...tokensOf(text)]
  const values = tokens.findIndex(({ token }, i) => token.kind === 'word' && token.text === 'values' && depthAt(tokens, i) === 0)
  const spans: { start: number; end: number }[] = []
  for (let at = values + 1; tokens[at]?.token.text === '('; at++) {
    const close = closing(tokens, at)
    spans.push({ start: tokens[at]?.start ?? 0, end: tokens[close]?.end ?? 0 })
    at = close + 1
    if (tokens[at]?.token.text !== ',') break
  }
  if (values < 0 || spans.length !== count) throw unsupported('the rows of this INSERT cannot be told apart')
  const texts = spans.map(({ start, end }) => text.slice(start, end))
  return { before: text.slice(0, spans[0]?.start), texts, after: text.slice(spans.at(-1)?.end) }
}

const isOpening = ({ token }: PlacedToken): boolean => token.kind === 'other' && '(['.includes(token.text)
const isClosing = ({ token }: PlacedToken): boolean => token.kind === 'other' && ')]'.includes(token.text)

function depthAt(tokens: readonly PlacedToken[], index: number): number {
  return tokens.slice(0, index).reduce((depth, token) => depth + (isOpening(token) ? 1 : isClosing(token) ? -1 : 0), 0)
}

function closing(tokens: readonly PlacedToken[], open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    const token = tokens[at]
    if (token) depth += isOpening(token) ? 1 : isClosing(token) ? -1 : 0
    if (depth === 0) return at
  }
  return tokens.length - 1
}
