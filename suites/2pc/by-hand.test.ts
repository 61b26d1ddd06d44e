/** Prepared transactions that nobody owns: those the pooler ends by itself, those it must leave alone, and those an operator ends by hand. */
import { expect } from 'vitest'
import { rowsOf } from '../../chaos/looking.ts'
import { limitMs } from '../../stack/limits.ts'
import type { Stack } from '../../stack/stack.ts'
import { wish, type Trial } from '../kit.ts'
import { exchangeUntil, leftPrepared, loseCoordinator, preparedOn, rowsWith, soon, twoShards } from './exchange.ts'

/** A shard that is held up is not given up meanwhile. */
const spec = wish({ ...twoShards, pooler: { connectTimeoutMs: 20_000, waitTimeoutMs: 20_000 } })

/** Prepared by somebody else, in the same database and as the same role. */
async function prepareAnother({ connect }: Pick<Trial<'2PC-006'>, 'connect'>, shard: number): Promise<void> {
  const client = await connect({ direct: 'app', shard })
  await client.query('begin')
  await client.query('select pg_current_xact_id()')
  await client.query(`prepare transaction 'another'`)
}

/** What is prepared, but for what somebody else has prepared. */
async function own(stack: Stack): Promise<readonly string[]> {
  return (await Promise.all([0, 1].map((shard) => preparedOn(stack, shard)))).flat().filter((gid) => gid !== 'another')
}

spec('2PC-006', async (trial) => {
  const { stack, prove } = trial
  await prepareAnother(trial, 0)
  const orphan = await exchangeUntil(trial, 'prepare-done', 0)
  await loseCoordinator(stack, orphan)
  await soon(async () => (await own(stack)).length === 0, 2 * limitMs('fault-bites'))
  const afterwards = { own: await own(stack), rows: await rowsWith(stack, orphan.word) }
  const live = await exchangeUntil(trial, 'prepare-asked', 1)
  // Long enough for a look around.
  await soon(async () => (await preparedOn(stack, 0)).length < 2, limitMs('fault-bites'))
  const during = await preparedOn(stack, 0)
  await live.trap.release()
  const heard = await live.told
  await prove('live-untouched', async () => {
    expect(during, 'prepared on shard 0 while shard 1 is waited for').toContain('another')
    expect(during.length, 'and the part of the live one').toBeGreaterThan(1)
    expect(heard).toBe('committed')
    expect(await rowsWith(stack, live.word)).toEqual([1, 1])
    expect(await preparedOn(stack, 0), 'what somebody else has prepared').toEqual(['another'])
  })
  await soon(async () => (await own(stack)).length === 0, 2 * limitMs('fault-bites'))
  await prove('none-old', async () => {
    expect(afterwards, 'what a dead coordinator had prepared').toEqual({ own: [], rows: [0, 0] })
    expect(await own(stack), 'what stays of the pooler’s own').toEqual([])
  })
  await rowsOf(stack.server(0), `rollback prepared 'another'`)
})

/** The shards' parts of a transaction have the same name but for their end. */
const idOf = (gid: string | undefined): string | undefined => gid?.replace(/_\d+$/, '')

async function endByHand(stack: Stack, verb: 'commit' | 'rollback'): Promise<void> {
  for (const shard of [0, 1])
    for (const gid of await preparedOn(stack, shard)) await rowsOf(stack.server(shard), `${verb} prepared '${gid}'`)
}

spec('2PC-007', async (trial) => {
  const { stack, connect, prove } = trial
  const pooler = stack.part('pooler-0')
  const end = async (verb: 'commit' | 'rollback') => {
    const { trap, told, word } = await exchangeUntil(trial, 'prepare-done', 0)
    await soon(async () => (await preparedOn(stack, 1)).length === 1, 2 * limitMs('fault-bites'))
    await pooler.kill?.('SIGKILL')
    await trap.drop()
    await told
    const listed = [await preparedOn(stack, 0), await preparedOn(stack, 1)]
    await endByHand(stack, verb)
    await pooler.restart?.()
    const left = await leftPrepared(stack)
    const { rows } = await (await connect()).query<{ n: number }>(`select count(*)::int as n from items where note = '${word}'`)
    return { listed, left, shards: await rowsWith(stack, word), seen: rows[0]?.n }
  }
  const committed = await end('commit')
  const rolledBack = await end('rollback')
  await prove('listed', () => {
    for (const { listed } of [committed, rolledBack]) {
      expect(
        listed.map((gids) => gids.length),
        'prepared transactions on the shards',
      ).toEqual([1, 1])
      expect(idOf(listed[0]?.[0]), 'they are told to be one').toBe(idOf(listed[1]?.[0]))
    }
  })
  await prove('committed', () => {
    expect(committed.listed.flat(), 'what the operator committed').toHaveLength(2)
    expect(committed).toMatchObject({ shards: [1, 1], seen: 2, left: [] })
  })
  await prove('rolled-back', () => {
    expect(rolledBack).toMatchObject({ shards: [0, 0], seen: 0, left: [] })
  })
})
