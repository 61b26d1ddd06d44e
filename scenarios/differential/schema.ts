/** Schemas made by chance: what the tables and columns of the cases are called, and of which type and width their keys are. */
import { randomFrom, subSeed } from '../../fixtures/random.ts'
import type { KeyType, ShardedTable } from '../../stack/topology.ts'
import { chanceFrom, type Chance } from './chance.ts'

/** The words of the cases, by what stands in their place. */
const words = ['items', 'item_lines', 'item_id', 'grp', 'amount', 'price', 'line', 'country', 'qty', 'countries', 'code', 'name'] as const
type Word = (typeof words)[number]

export interface Schema {
  readonly names: Readonly<Record<Word, string>>
  readonly keyType: KeyType
  readonly groupType: 'text' | 'varchar(40)'
  readonly amountType: 'int4' | 'int8' | 'numeric'
  readonly priceType: 'numeric' | 'numeric(12,2)'
  /** Where the key stands among the columns. */
  readonly keyAt: 'first' | 'last'
  /** Keys that are numbers stand in statements without quotes. */
  readonly bare: boolean
}

/** As in fixtures/sql. */
export const sample: Schema = {
  names: Object.fromEntries(words.map((word) => [word, word])) as Record<Word, string>,
  keyType: 'int8',
  groupType: 'text',
  amountType: 'int8',
  priceType: 'numeric(12,2)',
  keyAt: 'first',
  bare: false,
}

const howMany = 5

/** The sample and some that the seed makes up; the same seed makes the same ones. */
export function schemasOf(seed: string): readonly Schema[] {
  const chance = chanceFrom(randomFrom(subSeed(seed, 'schemas')))
  return [sample, ...Array.from({ length: howMany }, (_, at) => schema(chance, at))]
}

function schema(chance: Chance, at: number): Schema {
  const nouns: Readonly<Record<Word, readonly string[]>> = {
    items: ['ledger', 'Booking', 'document'],
    item_lines: ['ledger_part', 'booking_Row', 'page'],
    item_id: ['id', 'Number', 'ref_no', 'tenant'],
    grp: ['class', 'Kind', 'tag'],
    amount: ['total', 'Sum', 'units'],
    price: ['price', 'Cost'],
    line: ['line', 'pos'],
    country: ['country', 'Land'],
    qty: ['qty', 'weight'],
    countries: ['country_list', 'Lands'],
    code: ['code', 'Iso'],
    name: ['name', 'Title'],
  }
  const isTable = (word: Word) => word === 'items' || word === 'item_lines' || word === 'countries'
  const names = words.map((word) => [word, quoted(chance.one(nouns[word]) + (isTable(word) ? `_${at}` : ''))])
  return {
    names: Object.fromEntries(names) as Record<Word, string>,
    keyType: chance.one(['int2', 'int4', 'int8', 'text', 'uuid']),
    groupType: chance.one(['text', 'varchar(40)']),
    amountType: chance.one(['int4', 'int8', 'numeric']),
    priceType: chance.one(['numeric', 'numeric(12,2)']),
    keyAt: chance.one(['first', 'last']),
    bare: chance.percent(50),
  }
}

const quoted = (name: string) => (/^[a-z_0-9]+$/.test(name) ? name : `"${name}"`)
const unquoted = (name: string) => name.replaceAll('"', '')

/** Words of a statement in the names of this schema; quoted text is left alone. */
export const translate = (text: string, { names }: Schema): string =>
  text.replaceAll(/'(?:[^']|'')*'|\b[a-z_]+\b/g, (found) => (found in names ? names[found as Word] : found))

/** What each type has instead of the numbers at the edges. */
const edges: Readonly<Record<KeyType, Readonly<Record<string, string>>>> = {
  int2: { '9223372036854775807': '32767', '-9223372036854775808': '-32768', '4294967296': '256' },
  int4: { '9223372036854775807': '2147483647', '-9223372036854775808': '-2147483648', '4294967296': '65536' },
  int8: {},
  text: { '0': '', '-1': ' ', '9223372036854775807': 'Zürich', '-9223372036854775808': "o'k", '4294967296': 'A' },
  uuid: {
    '-1': 'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '9223372036854775807': '7fffffff-ffff-4fff-bfff-ffffffffffff',
    '-9223372036854775808': '80000000-0000-4000-8000-000000000000',
    '4294967296': '00000001-0000-4000-8000-000000000001',
  },
}

/** The key of a case as a value of this schema's type. */
export function keyIn({ keyType }: Schema, key: string): string {
  const edge = edges[keyType][key]
  if (edge !== undefined) return edge
  if (keyType === 'text') return `k${key}`
  return keyType === 'uuid' ? `${Number(key).toString(16).padStart(8, '0')}-5a5a-4a5a-9a5a-00000000beef` : key
}

export const shardedTables = ({ names, keyType }: Schema): readonly ShardedTable[] =>
  [names.items, names.item_lines].map((name) => ({ name: unquoted(name), column: unquoted(names.item_id), type: keyType }))

export const referenceTable = ({ names }: Schema): string => unquoted(names.countries)

/** Makes its tables, which are the pooled role's to use; the sample's are there. */
export function tablesSql({ names, keyType, groupType, amountType, priceType, keyAt }: Schema, role: string | null): string {
  const n = names
  const items = [`${n.grp} ${groupType} not null`, `${n.amount} ${amountType}`, `${n.price} ${priceType}`]
  const lines = [`${n.line} int not null`, `${n.country} text not null`, `${n.qty} int not null`]
  const withKey = (columns: readonly string[]) => {
    const key = `${n.item_id} ${keyType} not null`
    return (keyAt === 'first' ? [key, ...columns] : [...columns, key]).join(', ')
  }
  const grant = role === null ? '' : `grant select, insert, update, delete on ${n.items}, ${n.item_lines}, ${n.countries} to ${role};`
  return `create table ${n.items} (${withKey(items)}, primary key (${n.item_id}));
    create table ${n.item_lines} (${withKey(lines)}, primary key (${n.item_id}, ${n.line}));
    create table ${n.countries} (${n.code} text primary key, ${n.name} text not null);
    insert into ${n.countries} select code, name from public.countries; ${grant}`
}
