/** The ways in which PgDog can be brought to shard by Orochi's hash: where rows really land by each, and what a statement costs. */
import pg from 'pg'
import { withClient } from '../../stack/components/set-up.ts'
import { shards, type Arm, type Change, type Estate } from './estate.ts'
import { pointSelects, type Keys } from './loads.ts'
import { levelOf, rounds } from './rounds.ts'

interface Way {
  readonly name: string
  readonly change?: Change
  readonly hash: 'orochi' | 'own'
  /** Who knows the shard of a key: PgDog, or the client, who says so before each statement or for the whole connection. */
  readonly hint: 'none' | 'statement' | 'start-up'
}

/** Keys the table of a list mapping knows; others it does not. */
const known = Array.from({ length: 120 }, (_, at) => 5_000 + at)

const ways = (homes: ReadonlyMap<number, number>): readonly Way[] => [
  { name: 'lookup query, result is the shard', hash: 'orochi', hint: 'none' },
  { name: 'list mapping of known keys', hash: 'own', hint: 'none', change: listMapping(homes) },
  { name: 'SET pgdog.shard before each', hash: 'own', hint: 'statement' },
  { name: 'pgdog.shard at start-up', hash: 'own', hint: 'start-up' },
  { name: 'PgDog’s own hash', hash: 'own', hint: 'none' },
]

const listMapping =
  (homes: ReadonlyMap<number, number>): Change =>
  (toml) => {
    const lists = Array.from({ length: shards }, (_, shard) => {
      const values = known.filter((key) => homes.get(key) === shard)
      return `{ values = [${values.join(', ')}], shard = ${shard} }`
    })
    return toml.replace(/(name = "keys_int8"\n(?:[a-z_]+ = .*\n)*)/, `$1mapping = [${lists.join(', ')}]\n`)
  }

type Write = (key: number, at: number) => Promise<unknown>

/** What writes all rows at once. */
const onFirst =
  (write: (key: number) => Promise<unknown>): Write =>
  async (key, at) =>
    at === 0 ? write(key) : undefined

/** Of so many rows, those that lie on the shard of the hash and nowhere else. */
interface Landing {
  readonly right: number
  readonly of: number
  readonly copies: number
  readonly error: string
}

/** A table in Markdown. */
export async function waysTable(estate: Estate, count: number, blockMs: number): Promise<string> {
  const homes = await homesOf(estate)
  const lines: string[] = []
  for (const way of ways(homes)) {
    const arm = await estate.pgdog(way.name, way.change, { hash: way.hash, twoPhaseCommit: false })
    if (arm === null) return 'PgDog is not here: put `pgdog` on the PATH or name it in PGDOG_BIN'
    lines.push(await rowOf(estate, arm, way, homes, count, blockMs))
    await arm.subject?.[Symbol.asyncDispose]()
  }
  const head =
    '| way | single rows | INSERT of 20 rows | COPY of 20 rows | key changed | found again | select, ms | first row of a key, ms |'
  return [head, '| --- | --- | --- | --- | --- | --- | --- | --- |', ...lines].join('\n')
}

async function rowOf(
  estate: Estate,
  arm: Arm,
  way: Way,
  homes: ReadonlyMap<number, number>,
  count: number,
  blockMs: number,
): Promise<string> {
  const keys = { single: known.slice(0, 20), several: known.slice(20, 40), copied: known.slice(40, 60), from: known.slice(60, 80) }
  const target = known.slice(80, 100)
  const writers = await writersOf(arm, way, homes)
  await using _ = { [Symbol.asyncDispose]: () => writers.end() }
  await empty(estate)
  const began = performance.now()
  const single = await landing(estate, homes, keys.single, (key) =>
    writers.at(key, `insert into keys_int8 (key, note) values (${key}, 'single')`),
  )
  const firstMs = (performance.now() - began) / keys.single.length
  const found = await countFound(writers, keys.single)
  const list = keys.several.map((key) => `(${key}, 'several')`).join()
  const several = await landing(
    estate,
    homes,
    keys.several,
    onFirst((key) => writers.at(key, `insert into keys_int8 (key, note) values ${list}`)),
  )
  const copied = await landing(
    estate,
    homes,
    keys.copied,
    onFirst((key) => copyRows(writers.of(key), keys.copied)),
  )
  for (const key of keys.from) await estateInsert(estate, homes, key)
  const moved = await landing(estate, homes, target, (key, at) => move(writers, keys.from[at]!, key))
  await empty(estate)
  const ms = way.hint === 'none' ? await selectMs(estate, arm, homes, count, blockMs) : await hintedMs(writers, keys.single, count * 20)
  const cells = [
    said(single),
    said(several),
    said(copied),
    said(moved),
    `${found} of ${keys.single.length}`,
    ms.toFixed(2),
    firstMs.toFixed(2),
  ]
  return `| ${way.name} | ${cells.join(' | ')} |`
}

const said = ({ right, of, copies, error }: Landing): string =>
  `${right} of ${of}${copies > 0 ? `, ${copies} copies too many` : ''}${error === '' ? '' : ` (${error})`}`

/** PgDog changes a key in a transaction only. */
async function move(writers: Writers, from: number, to: number): Promise<void> {
  await writers.of(from).query('begin')
  try {
    await writers.at(from, `update keys_int8 set key = ${to} where key = ${from}`)
    await writers.of(from).query('commit')
  } catch (error) {
    await writers.of(from).query('rollback')
    throw error
  }
}

async function homesOf({ owner }: Estate): Promise<ReadonlyMap<number, number>> {
  const sql = `select key, orochi.get_shard_index(orochi.hash_value(key::bigint), ${shards}) as shard from unnest($1::int[]) as key`
  const { rows } = await withClient(owner(0), (client) => client.query<{ key: number; shard: number }>(sql, [known]))
  return new Map(rows.map(({ key, shard }) => [key, shard]))
}

const everyShard = ({ owner }: Estate, sql: string, values: readonly unknown[] = []): Promise<readonly pg.QueryResult<{ key: string }>[]> =>
  Promise.all(Array.from({ length: shards }, (_, shard) => withClient(owner(shard), (client) => client.query<{ key: string }>(sql, [...values])))) // prettier-ignore

const empty = (estate: Estate) => everyShard(estate, 'truncate keys_int8')

async function estateInsert({ owner }: Estate, homes: ReadonlyMap<number, number>, key: number): Promise<void> {
  await withClient(owner(homes.get(key)!), (client) => client.query(`insert into keys_int8 (key, note) values ($1, 'to move')`, [key]))
}

async function landing(estate: Estate, homes: ReadonlyMap<number, number>, keys: readonly number[], write: Write): Promise<Landing> {
  let error = ''
  for (const [at, key] of keys.entries()) await write(key, at).catch((cause: Error) => (error = cause.message.split('\n')[0]!.slice(0, 60)))
  const results = await everyShard(estate, 'select key::text from keys_int8 where key = any($1::bigint[])', [keys])
  const on = new Map<number, number[]>()
  for (const [shard, { rows }] of results.entries())
    for (const { key } of rows) on.set(Number(key), [...(on.get(Number(key)) ?? []), shard])
  const right = keys.filter((key) => on.get(key)?.join() === String(homes.get(key))).length
  const copies = [...on.values()].reduce((sum, where) => sum + where.length - 1, 0)
  return { right, of: keys.length, copies, error }
}

interface Writers {
  of(key: number): pg.Client
  at(key: number, sql: string): Promise<pg.QueryResult>
  end(): Promise<void>
}

/** A connection for each shard where the start-up decides, one where a SET does. */
async function writersOf(arm: Arm, way: Way, homes: ReadonlyMap<number, number>): Promise<Writers> {
  const { host, port, user, password, database } = arm.wayTo(0)
  const open = async (options?: string) => {
    const client = new pg.Client({ host, port, user, password, database, ...(options === undefined ? {} : { options }) })
    client.on('error', () => {})
    await client.connect()
    return client
  }
  const many = way.hint === 'start-up' ? shards : 1
  const clients = await Promise.all(Array.from({ length: many }, (_, shard) => open(many > 1 ? `-c pgdog.shard=${shard}` : undefined)))
  const of = (key: number) => clients[homes.get(key)! % many]!
  return {
    of,
    async at(key, sql) {
      if (way.hint === 'statement') await of(key).query(`set pgdog.shard to ${homes.get(key)}`)
      return of(key).query(sql)
    },
    end: async () => void (await Promise.all(clients.map((client) => client.end().catch(() => {})))),
  }
}

async function countFound(writers: Writers, keys: readonly number[]): Promise<number> {
  let found = 0
  for (const key of keys)
    found += (await writers.at(key, `select key from keys_int8 where key = ${key}`).catch(() => ({ rowCount: 0 }))).rowCount ?? 0
  return found
}

/** By the simple protocol, as the driver offers no other way to send what it does not know. */
async function copyRows(client: pg.Client, keys: readonly number[]): Promise<void> {
  const { connection } = client as unknown as { connection: { sendCopyFromChunk(data: Buffer): void; endCopyFrom(): void } }
  const data = Buffer.from(keys.map((key) => `${key}\tcopied\n`).join(''))
  const copy = new pg.Query(`copy keys_int8 (key, note) from stdin`)
  Object.assign(copy, {
    handleCopyInResponse() {
      connection.sendCopyFromChunk(data)
      connection.endCopyFrom()
    },
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  copy.on('end', () => resolve())
  copy.on('error', reject)
  client.query(copy)
  await promise
}

async function selectMs(estate: Estate, arm: Arm, homes: ReadonlyMap<number, number>, count: number, blockMs: number): Promise<number> {
  for (const key of known.slice(100)) await estateInsert(estate, homes, key)
  const keys: Keys = [known.slice(100).map(String)]
  return levelOf(await rounds([arm], (one) => pointSelects(one, keys, 1), count, blockMs), 0).ms
}

/** The hint is part of what a statement costs. */
async function hintedMs(writers: Writers, keys: readonly number[], times: number): Promise<number> {
  const start = performance.now()
  for (let at = 0; at < times; at++)
    await writers.at(keys[at % keys.length]!, `select note from keys_int8 where key = ${keys[at % keys.length]!}`)
  return (performance.now() - start) / times
}
