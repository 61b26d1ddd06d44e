/** Statements as structures, so that they can be made by chance, written down, and made simpler piece by piece. */

import { keyIn, sample, translate, type Schema } from './schema.ts'

/** A value that stands in a statement; how it is written there is chosen when the statement is. */
export type Value = string | number | bigint | null

/** Text with values in it. */
export type Piece = readonly (string | { readonly value: Value; readonly type: string })[]

export interface Select {
  readonly kind: 'select'
  readonly columns: Piece
  readonly from: Piece
  readonly where: Piece | null
  readonly group: Piece | null
  readonly having: Piece | null
  readonly order: Piece | null
  readonly limit: number | null
  readonly offset: number | null
  readonly lock: boolean
}

/** A statement without parts that could be left out: transactions, INSERT, UPDATE, DELETE. */
export interface Other {
  readonly kind: 'insert' | 'update' | 'delete' | 'begin' | 'commit' | 'rollback'
  readonly text: Piece
  /** Rows of an INSERT, each its list of values in parentheses. */
  readonly rows: readonly Piece[]
  /** What follows the rows. */
  readonly end: Piece
}

export interface Statement {
  readonly what: Select | Other
  /** Values travel as parameters of the extended protocol. */
  readonly bound: boolean
}

export interface Rendered {
  readonly text: string
  readonly values: readonly Value[]
  /** Null: the simple protocol. */
  readonly bound: boolean
}

export const value = (of: Value, type = 'int8') => ({ value: of, type })

/** The order of its rows is defined, down to the last of them. */
export const isOrdered = ({ what }: Statement): boolean => what.kind === 'select' && what.order !== null

/** `key` as a type is that of the schema. */
export function render({ what, bound }: Statement, schema: Schema = sample): Rendered {
  const values: Value[] = []
  const text = piecesOf(what)
    .map((part) => {
      if (typeof part === 'string') return translate(part, schema)
      const { value: of, type } = part.type === 'key' ? keyValue(part.value, schema) : part
      if (!bound) return literal(of, type)
      values.push(of)
      return `$${values.length}::${type}`
    })
    .join('')
  return { text, values, bound }
}

function keyValue(of: Value, schema: Schema): { readonly value: Value; readonly type: string } {
  const key = typeof of === 'string' ? keyIn(schema, of) : of
  const isBare = schema.bare && schema.keyType.startsWith('int') && typeof key === 'string'
  return { value: isBare ? BigInt(key) : key, type: schema.keyType }
}

function piecesOf(what: Select | Other): Piece {
  if (what.kind !== 'select') return [...what.text, ...what.rows.flatMap((row, at) => [...(at === 0 ? [] : [', ']), ...row]), ...what.end]
  const { columns, from, where, group, having, order, limit, offset, lock } = what
  return [
    'select ',
    ...columns,
    ' from ',
    ...from,
    ...clause('where', where),
    ...clause('group by', group),
    ...clause('having', having),
    ...clause('order by', order),
    ...(limit === null ? [] : [` limit ${limit}`]),
    ...(offset === null ? [] : [` offset ${offset}`]),
    ...(lock ? [' for update'] : []),
  ]
}

const clause = (name: string, piece: Piece | null): Piece => (piece === null ? [] : [` ${name} `, ...piece])

function literal(of: Value, type: string): string {
  if (of === null) return `null::${type}`
  return typeof of !== 'string' ? String(of) : `'${of.replaceAll("'", "''")}'`
}

/** The same with one thing less, the greatest steps first. */
export function* simpler({ what, bound }: Statement): Generator<Statement> {
  if (what.kind === 'select') {
    for (const part of ['having', 'where', 'offset', 'limit', 'order', 'group'] as const)
      if (what[part] !== null) yield { what: { ...what, [part]: null }, bound }
    for (const columns of fewer(what.columns)) yield { what: { ...what, columns }, bound }
    if (what.lock) yield { what: { ...what, lock: false }, bound }
  } else if (what.rows.length > 1) {
    for (const at of what.rows.keys()) yield { what: { ...what, rows: what.rows.toSpliced(at, 1) }, bound }
  }
  if (bound) yield { what, bound: false }
}

/** The list of columns without one of them; commas inside parentheses do not part columns. */
function* fewer(columns: Piece): Generator<Piece> {
  const [only] = columns
  if (columns.length !== 1 || typeof only !== 'string') return
  const list = only.split(/, (?![^(]*\))/)
  if (list.length > 1) for (const at of list.keys()) yield [list.toSpliced(at, 1).join(', ')]
}
