/** Where a statement goes with the values it is given now. */
import { Refused, unsupported } from '../refused.ts'
import type { Analysis, ShardedUse } from './analysis.ts'
import type { Key, KeyType, ShardOf } from './hash.ts'
import { elementsOf } from './key-array.ts'
import type { KeySource } from './key-source.ts'
import { readKey, type KeyRead, type Raw } from './keys.ts'

export type Route =
  /** Any server knows it. */
  | { readonly kind: 'any' }
  | { readonly kind: 'one'; readonly shard: number }
  /** Each answers for its own rows. */
  | { readonly kind: 'several'; readonly shards: readonly number[] }
  /** Rows of an INSERT by shard, as places in its list. */
  | { readonly kind: 'rows'; readonly rows: ReadonlyMap<number, readonly number[]> }
  /** The same has to be done on every shard. */
  | { readonly kind: 'everywhere' }

/** Values of parameters, numbered from 1; null where there is none. */
export type Values = (number: number) => Raw | null

export interface RouteContext {
  readonly shards: number
  readonly shardOf: ShardOf
  /** Texts of the client are in the encoding of the databases. */
  readonly plainText: boolean
  /** The key a session stands for when a statement names none. */
  readonly sessionKey: (type: KeyType) => Key | null
}

export const noValues: Values = () => null

/** Throws a Refused. */
export function routeOf(analysis: Analysis, values: Values, context: RouteContext): Route {
  if (analysis.everywhere) return { kind: 'everywhere' }
  if (analysis.insert?.rows) return routeRows(analysis, values, context)
  if (analysis.uses.length === 0) return analysis.home ? { kind: 'one', shard: 0 } : { kind: 'any' }
  const shards = shardsOf(analysis, values, context)
  checkNewKey(analysis, shards, values, context)
  const [first] = shards
  if (shards.length <= 1) return checkHome(analysis, first ?? 0)
  if (analysis.home) throw unsupported('a table that is on shard 0 only cannot be read together with rows of other shards')
  if (analysis.problem !== null) throw unsupported(`several shards cannot answer this correctly: ${analysis.problem}`)
  return { kind: 'several', shards }
}

function checkHome(analysis: Analysis, shard: number): Route {
  if (analysis.home && shard !== 0) throw unsupported('a table that is on shard 0 only cannot be read together with rows of another shard')
  return { kind: 'one', shard }
}

/** All shards on which rows may matter, in order. */
function shardsOf({ uses }: Analysis, values: Values, context: RouteContext): number[] {
  const chosen = new Set<number>()
  for (const use of uses) for (const shard of shardsOfUse(use, values, context)) chosen.add(shard)
  return [...chosen].toSorted((a, b) => a - b)
}

function shardsOfUse({ table, alternatives }: ShardedUse, values: Values, context: RouteContext): readonly number[] {
  const read = alternatives.map((keys) => keys.flatMap((key) => readSources(key, table.type, values, context)))
  const clear = read.filter((keys) => !keys.includes('unclear')).toSorted((a, b) => a.length - b.length)
  const [best] = clear
  if (best) return best.flatMap((key) => (typeof key === 'string' ? [] : [context.shardOf(key, context.shards)]))
  const own = context.sessionKey(table.type)
  return own ? [context.shardOf(own, context.shards)] : Array.from({ length: context.shards }, (_, shard) => shard)
}

function readSources(source: KeySource, type: KeyType, values: Values, context: RouteContext): KeyRead[] {
  if (source.kind !== 'elements') return [readSource(source, type, values, context)]
  const raw = values(source.number)
  const elements = raw && elementsOf(raw)
  return elements ? elements.map((one) => readKey(one, type, context.plainText)) : ['unclear']
}

function readSource(source: KeySource, type: KeyType, values: Values, { plainText }: RouteContext): KeyRead {
  if (source.kind === 'literal') return readKey(source.raw, type, plainText)
  const raw = values(source.number)
  return raw === null ? 'unclear' : readKey(raw, type, plainText)
}

function routeRows(analysis: Analysis, values: Values, context: RouteContext): Route {
  const { table, rows } = analysis.insert ?? { table: null, rows: null }
  if (!table || !rows) throw new RangeError('not an INSERT of rows')
  const groups = new Map<number, number[]>()
  for (const [place, { key }] of rows.entries()) {
    const shard = context.shardOf(keyOfRow(key, table, values, context), context.shards)
    groups.set(shard, [...(groups.get(shard) ?? []), place])
  }
  const others = analysis.uses.length > 0 ? shardsOf(analysis, values, context) : []
  const shards = new Set([...groups.keys(), ...others])
  checkNewKey(analysis, [...groups.keys()], values, context)
  const [shard = 0] = shards
  if (shards.size === 1) return checkHome(analysis, shard)
  if (analysis.home || others.length > 0) throw unsupported('an INSERT of rows for several shards cannot read other tables')
  return { kind: 'rows', rows: new Map([...groups].toSorted(([a], [b]) => a - b)) }
}

function keyOfRow(source: KeySource | null, { name, column, type }: ShardedUse['table'], values: Values, context: RouteContext): Key {
  const own = context.sessionKey(type)
  if (!source && own) return own
  if (!source) throw unsupported(`the sharding key ${column} of ${name} must be a literal or a parameter`)
  const key = readSource(source, type, values, context)
  if (key === 'null') throw new Refused('ERROR', '23502', `null value in the sharding key ${column} of ${name}`)
  if (key === 'unclear')
    throw new Refused('ERROR', '22P02', `the value for the sharding key ${column} of ${name} is not a ${type} that can be routed`)
  return key
}

/** A row whose key changes must stay where it is. */
function checkNewKey({ newKey }: Analysis, shards: readonly number[], values: Values, context: RouteContext): void {
  if (!newKey) return
  const key = newKey.key ? readSource(newKey.key, newKey.table.type, values, context) : 'unclear'
  const stays = typeof key !== 'string' && shards.every((shard) => shard === context.shardOf(key, context.shards))
  if (!stays)
    throw unsupported(
      `the sharding key ${newKey.table.column} of ${newKey.table.name} cannot be changed so that rows move to another shard`,
    )
}
