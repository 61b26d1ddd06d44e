/** Makes cases by chance: rows to begin with, and statements of every sort that a sharded database is asked. */
import { write } from './chance-writes.ts'
import { sample, type Schema } from './schema.ts'
import { value, type Piece, type Select, type Statement } from './query.ts'

export interface Item {
  readonly id: string
  readonly grp: string
  readonly amount: number | null
  readonly price: string | null
}

export interface Line {
  readonly id: string
  readonly line: number
  readonly country: string
  readonly qty: number
}

export interface Case {
  readonly schema: Schema
  readonly items: readonly Item[]
  readonly lines: readonly Line[]
  readonly steps: readonly Statement[]
}

export const groups = ['ash', 'beech', 'cedar', 'Birch', '', "o'ak", 'äsche']
export const countries = ['CH', 'DE', 'NZ', 'XX']
const edges = ['0', '-1', '9223372036854775807', '-9223372036854775808', '4294967296']

export interface Chance {
  readonly next: () => number
  int(below: number): number
  one<T>(of: readonly T[]): T
  /** True so often of a hundred times. */
  percent(times: number): boolean
}

export function chanceFrom(next: () => number): Chance {
  const int = (below: number) => Math.floor(next() * below)
  return { next, int, one: (of) => of[int(of.length)]!, percent: (times) => next() * 100 < times }
}

export function makeCase(chance: Chance, schemas: readonly Schema[] = [sample]): Case {
  const schema = chance.one(schemas)
  const ids = [...new Set(Array.from({ length: chance.int(24) }, () => keyText(chance)))]
  const items = ids.map((id) => ({
    id,
    grp: chance.one(groups),
    amount: amountOf(chance),
    price: chance.percent(15) ? null : (chance.int(10_000) / 100).toFixed(2),
  }))
  const lines = ids.flatMap((id) =>
    Array.from({ length: chance.int(3) }, (_, line) => ({ id, line, country: chance.one(countries), qty: chance.int(9) })),
  )
  return { schema, items, lines, steps: steps(chance) }
}

const keyText = (chance: Chance): string => (chance.percent(4) ? chance.one(edges) : String(chance.int(40)))
export const amountOf = (chance: Chance): number | null => (chance.percent(12) ? null : chance.int(50) - 10)

function steps(chance: Chance): Statement[] {
  const made: Statement[] = []
  const count = 1 + chance.int(4)
  for (let n = 0; n < count; n++) {
    if (!chance.percent(20)) made.push(statement(chance))
    else
      made.push(
        plain('begin'),
        ...Array.from({ length: 1 + chance.int(3) }, () => statement(chance)),
        plain(chance.percent(70) ? 'commit' : 'rollback'),
      )
  }
  return made
}

const plain = (kind: 'begin' | 'commit' | 'rollback'): Statement => ({ what: { kind, text: [kind], rows: [], end: [] }, bound: false })

function statement(chance: Chance): Statement {
  const what = chance.percent(62) ? select(chance) : write(chance)
  return { what, bound: chance.percent(50) }
}

export const key = (chance: Chance) => value(keyText(chance), 'key')

export function condition(chance: Chance, prefix = ''): Piece | null {
  const conditions: readonly (() => Piece | null)[] = [
    () => null,
    () => [`${prefix}item_id = `, key(chance)],
    () => [`${prefix}item_id = `, key(chance), ` and ${prefix}grp <> `, value(chance.one(groups), 'text')],
    () => [`${prefix}item_id in (`, key(chance), ', ', key(chance), ', ', key(chance), ')'],
    () => [`${prefix}item_id = `, key(chance), ` or ${prefix}item_id = `, key(chance)],
    () => [`${prefix}item_id > `, key(chance)],
    () => [`${prefix}item_id = `, value(null, 'key')],
    () => [`${prefix}grp = `, value(chance.one(groups), 'text')],
  ]
  return chance.one(conditions)()
}

const nothingElse = { where: null, group: null, having: null, order: null, limit: null, offset: null, lock: false } as const

function select(chance: Chance): Select {
  return chance.one([rows, rows, aggregate, grouped, grouped, distinct, joined, joined, nested, hard])(chance)
}

function rows(chance: Chance): Select {
  const ordered = chance.percent(60)
  return {
    ...nothingElse,
    kind: 'select',
    columns: chance.one([['item_id, grp, amount, price'], ['amount, grp, item_id'], ['*']] satisfies Piece[]),
    from: ['items'],
    where: condition(chance),
    order: ordered ? [chance.one(['item_id', 'item_id desc', 'grp, item_id', 'amount desc, item_id', 'price, item_id desc'])] : null,
    limit: ordered && chance.percent(40) ? chance.int(8) : null,
    offset: ordered && chance.percent(25) ? chance.int(10) : null,
    lock: chance.percent(4),
  }
}

const aggregates = [
  'count(*)',
  'count(amount)',
  'sum(amount)',
  'min(amount)',
  'max(amount)',
  'avg(amount)',
  'sum(price)',
  'avg(price)',
  'min(grp)',
  'max(price)',
]

const someAggregates = (chance: Chance): string =>
  Array.from({ length: 1 + chance.int(3) }, () => chance.one(aggregates))
    .map((call, at) => `${call} as a${at}`)
    .join(', ')

function aggregate(chance: Chance): Select {
  return { ...nothingElse, kind: 'select', columns: [someAggregates(chance)], from: ['items'], where: condition(chance) }
}

function grouped(chance: Chance): Select {
  const by = chance.one(['grp', 'amount'])
  return {
    ...nothingElse,
    kind: 'select',
    columns: [`${by}, ${someAggregates(chance)}`],
    from: ['items'],
    where: condition(chance),
    group: [by],
    having: chance.percent(15) ? [`count(*) > `, value(chance.int(3))] : null,
    order: chance.percent(50) ? [by] : null,
    limit: null,
  }
}

function distinct(chance: Chance): Select {
  const column = chance.one(['grp', 'amount', 'grp, amount'])
  return {
    ...nothingElse,
    kind: 'select',
    columns: [`distinct ${column}`],
    from: ['items'],
    where: condition(chance),
    order: chance.percent(40) ? [column] : null,
  }
}

function joined(chance: Chance): Select {
  const from = chance.one([
    'items i join item_lines l on l.item_id = i.item_id',
    'items i left join item_lines l on l.item_id = i.item_id',
    'items i join item_lines l on l.item_id = i.item_id join countries c on c.code = l.country',
    'items i join item_lines l on l.qty = i.amount',
  ])
  const columns = chance.one(['i.item_id, l.line, l.qty', 'count(*), sum(l.qty)'])
  return { ...nothingElse, kind: 'select', columns: [columns], from: [from], where: condition(chance, 'i.') }
}

function nested(chance: Chance): Select {
  const where = chance.one<Piece>([
    ['exists (select from item_lines l where l.item_id = items.item_id and l.qty > ', value(chance.int(6), 'int4'), ')'],
    ['item_id in (select item_id from item_lines where qty = ', value(chance.int(6), 'int4'), ')'],
    ['amount = (select max(amount) from items)'],
    ['item_id = (select ', key(chance), ')'],
  ])
  return { ...nothingElse, kind: 'select', columns: ['item_id, grp'], from: ['items'], where }
}

/** What only one database can answer: to be answered rightly or refused. */
function hard(chance: Chance): Select {
  const columns = chance.one([
    'count(distinct grp)',
    'item_id, row_number() over (order by item_id)',
    `string_agg(grp, ',' order by item_id)`,
    'array_agg(item_id order by item_id)',
    'grp, sum(amount) over (partition by grp order by item_id)',
  ])
  return {
    ...nothingElse,
    kind: 'select',
    columns: [columns],
    from: [chance.one(['items', '(select * from items where amount > 3) as items'])],
    where: condition(chance),
  }
}
