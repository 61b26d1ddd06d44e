/** A shard dies, or is out of reach, in the midst of a commit. */
import { expect } from 'vitest'
import { limitMs } from '../../stack/limits.ts'
import { wish } from '../kit.ts'
import { exchangeUntil, leftPrepared, preparedOn, rowsWith, soon, twoShards } from './exchange.ts'

const spec = wish(twoShards)

spec('2PC-002', async (trial) => {
  const { stack, prove } = trial
  const shard = stack.part('postgres-1')
  const { trap, told, word } = await exchangeUntil(trial, 'prepare-asked', 1)
  await shard.kill?.('SIGKILL')
  await trap.drop()
  const heard = await told
  await shard.restart?.()
  const left = await leftPrepared(stack)
  await prove('rolled-back', async () => {
    expect(heard, 'what the client was told').not.toBe('committed')
    expect(await rowsWith(stack, word)).toEqual([0, 0])
    expect(left, 'prepared transactions that stay').toEqual([])
  })
})

spec('2PC-004', async (trial) => {
  const { stack, prove } = trial
  const shard = stack.part('postgres-1')
  const link = stack.link('postgres-1')
  const { trap, told, word } = await exchangeUntil(trial, 'commit-asked', 1)
  await shard.kill?.('SIGKILL')
  // Nobody else is to meet it before it was looked at.
  const away = link.refuse()
  await trap.drop()
  await shard.restart?.()
  await prove('kept', async () => {
    expect(await preparedOn(stack, 1)).toHaveLength(1)
    expect(await rowsWith(stack, word)).toEqual([expect.any(Number), 0])
  })
  await away[Symbol.asyncDispose]()
  await told
  const left = await leftPrepared(stack)
  await prove('resolved', async () => {
    expect(left, 'prepared transactions that stay').toEqual([])
    expect(await rowsWith(stack, word), 'it was decided to commit').toEqual([1, 1])
  })
})

spec('2PC-005', async (trial) => {
  const { stack, prove } = trial
  const { trap, told, word } = await exchangeUntil(trial, 'commit-asked', 1)
  const away = stack.link('postgres-1').refuse()
  await trap.drop()
  // As long as nobody reaches that shard, it holds what it has prepared; the other may have committed.
  await soon(async () => (await preparedOn(stack, 1)).length === 0, limitMs('fault-bites') / 2)
  const during = { prepared: await preparedOn(stack, 1), rows: await rowsWith(stack, word) }
  await away[Symbol.asyncDispose]()
  const heard = await told
  const left = await leftPrepared(stack)
  const after = await rowsWith(stack, word)
  await prove('completed', () => {
    expect(after, `rows on the shards; the client was told: ${heard}`).toEqual([1, 1])
    expect(left, 'prepared transactions that stay').toEqual([])
  })
  await prove('never-half', () => {
    expect(during.prepared, 'prepared on the shard that is out of reach').toHaveLength(1)
    expect(after[0]).toBe(after[1])
  })
})
