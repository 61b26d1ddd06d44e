/** Transactions over shards: committed in two phases, undone everywhere when one shard cannot, and without ceremony where one shard is enough. */
import { setTimeout } from 'node:timers/promises'
import { expect } from 'vitest'
import type pg from 'pg'
import { answered } from '../../fixtures/probe.ts'
import { wish } from '../kit.ts'
import { loggedStatements, newWord, openShards, sqlstateOf, type Shards } from './shards.ts'

const spec = wish({ shards: 3, sharding: { twoPhaseCommit: true }, ...loggedStatements })

/** One key for each shard. */
async function keysOfAll({ designated, direct }: Shards): Promise<readonly number[]> {
  const keys: number[] = []
  for (let key = 1; keys.filter(Boolean).length < direct.length; key++) keys[await designated('int8', key)] ??= key
  return keys
}

const insert = (key: number, word: string): pg.QueryConfig => ({
  text: 'insert into items (item_id, grp, note) values ($1, $2, $3)',
  values: [key, 'in transaction', word],
})

async function prepared({ direct }: Shards): Promise<readonly string[]> {
  const found = await Promise.all(
    direct.map((client) => client.query<{ gid: string }>('select gid from pg_prepared_xacts where database = current_database()')),
  )
  return found.flatMap(({ rows }) => rows.map(({ gid }) => gid))
}

/** How often a statement that begins so was run on each shard. */
async function count(shards: Shards, beginning: string): Promise<readonly number[]> {
  const ran = await shards.executed(beginning)
  return shards.direct.map((_, shard) => ran.filter((one) => one === shard).length)
}

const inTransaction = async (client: pg.Client, statements: readonly pg.QueryConfig[], end: 'commit' | 'rollback'): Promise<void> => {
  await answered(client.query('begin'), 'begin')
  for (const statement of statements) await answered(client.query(statement), 'a statement')
  await answered(client.query(end), end)
}

spec('SHARD-010', async (trial) => {
  const { connect, prove } = trial
  await using shards = await openShards(trial)
  const keys = await keysOfAll(shards)
  const client = await connect()
  await inTransaction(
    client,
    keys.map((key) => insert(key, newWord())),
    'commit',
  )
  // Two shards of three, and keys written out.
  const others = keys.slice(0, 2).map((key) => ({ text: `update items set amount = 5 where item_id = ${key}` }))
  await inTransaction(client, others, 'commit')
  await prove('written', async () => {
    expect(await shards.placed('items', 'item_id')).toEqual(new Map(keys.map((key, shard) => [String(key), [shard]])))
    const { rows } = await answered(client.query<{ item_id: string }>('select item_id from items where amount = 5'), 'a select')
    expect(rows.map(({ item_id }) => Number(item_id)).toSorted()).toEqual(keys.slice(0, 2).toSorted())
  })
  await prove('prepared', async () => {
    // The third shard was written once; that it takes part twice is no harm.
    for (const step of ['PREPARE TRANSACTION', 'COMMIT PREPARED'])
      expect(await count(shards, step), `${step} by shard`).toEqual([2, 2, expect.toBeOneOf([1, 2])])
  })
  await prove('drained', async () => {
    expect(await prepared(shards)).toEqual([])
  })
})

/** A constraint that is looked at only when the transaction ends, on one shard alone. */
async function forbidAtTheEnd(client: pg.Client, key: number): Promise<AsyncDisposable> {
  await client.query(`create function forbid() returns trigger language plpgsql as $$ begin
    if new.item_id = ${key} then raise exception 'no row of key ${key} may stay' using errcode = '23514'; end if; return null; end $$;
    create constraint trigger forbid after insert on items deferrable initially deferred for each row execute function forbid()`)
  return { [Symbol.asyncDispose]: async () => void (await client.query('drop trigger forbid on items; drop function forbid')) }
}

spec('SHARD-011', async (trial) => {
  const { connect, prove } = trial
  await using shards = await openShards(trial)
  const keys = await keysOfAll(shards)
  const errors: string[] = []
  const ids: Promise<readonly string[]>[] = []
  for (const shard of [0, 1, 2]) {
    await using _ = await forbidAtTheEnd(shards.direct[shard]!, keys[shard]!)
    const client = await connect()
    const code = await inTransaction(
      client,
      keys.map((key) => insert(key, newWord())),
      'commit',
    ).then(() => 'committed', sqlstateOf)
    errors.push(code)
    ids.push(settled(shards))
    await ids.at(-1)
  }
  await prove('error', () => {
    for (const code of errors) expect(code, 'the SQLSTATE that the client got').toMatch(/^[0-9A-Z]{5}$/)
  })
  await prove('no-rows', async () => {
    expect(await shards.placed('items', 'item_id')).toEqual(new Map())
  })
  await prove('drained', async () => {
    expect((await Promise.all(ids)).flat(), 'prepared transactions that stay').toEqual([])
  })
})

/** Prepared transactions that are still there after five seconds. */
async function settled(shards: Shards): Promise<readonly string[]> {
  let left = await prepared(shards)
  for (const end = Date.now() + 5_000; left.length > 0 && Date.now() < end; left = await prepared(shards)) await setTimeout(50)
  return left
}

spec('SHARD-020', async (trial) => {
  const { connect, prove } = trial
  await using shards = await openShards(trial)
  const [key = 0] = await keysOfAll(shards)
  const client = await connect()
  await inTransaction(client, [insert(key, newWord()), { text: `update items set amount = 9 where item_id = ${key}` }], 'commit')
  await answered(client.query(`update items set grp = 'alone' where item_id = ${key}`), 'an update')
  await prove('commits', async () => {
    const { rows } = await shards.direct[0]!.query('select grp, amount::int from items')
    expect(rows).toEqual([{ grp: 'alone', amount: 9 }])
  })
  await prove('no-prepare', async () => {
    expect(await shards.executed('PREPARE TRANSACTION')).toEqual([])
  })
})

spec('SHARD-021', async (trial) => {
  const { connect, prove } = trial
  await using shards = await openShards(trial)
  const keys = await keysOfAll(shards)
  const client = await connect()
  const story = async () => {
    for (const some of [keys, keys.slice(1, 2), keys.slice(0, 2)])
      await inTransaction(
        client,
        some.map((key) => insert(key, newWord())),
        'rollback',
      )
    // Statements that fail take the transaction with them, whichever way it is ended.
    await answered(client.query('begin'), 'begin')
    for (const key of keys) await answered(client.query(insert(key, newWord())), 'an insert')
    await answered(
      client.query('select 1/0').catch(() => {}),
      'an error',
    )
    await answered(client.query('commit'), 'commit')
  }
  const failure = await story().then(
    () => undefined,
    (error: unknown) => error,
  )
  await prove('no-rows', async () => {
    expect(await shards.placed('items', 'item_id')).toEqual(new Map())
    const { rows } = await answered(client.query('select count(*)::int as n from items'), 'a select')
    expect(rows).toEqual([{ n: 0 }])
    if (failure) throw failure
  })
  await prove('none-prepared', async () => {
    expect(await prepared(shards)).toEqual([])
    expect(await shards.executed('PREPARE TRANSACTION')).toEqual([])
  })
})
