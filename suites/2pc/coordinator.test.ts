/** The pooler that commits over shards dies at each moment of the exchange, and is started again. */
import { expect } from 'vitest'
import type { CommitMoment } from '../../chaos/commit-moments.ts'
import { wish } from '../kit.ts'
import { exchangeUntil, leftPrepared, loseCoordinator, rowsWith, soon, twoShards } from './exchange.ts'

const spec = wish(twoShards)

interface Round {
  readonly moment: CommitMoment
  readonly shard: number
  readonly told: string
  /** Prepared transactions. */
  readonly left: readonly string[]
  readonly rows: readonly number[]
}

spec('2PC-001', async (trial) => {
  const { stack, prove } = trial
  const moments: [CommitMoment, number][] = [
    ['prepare-asked', 0],
    ['prepare-asked', 1],
    ['prepare-done', 0],
  ]
  const rounds: Round[] = []
  for (const [moment, shard] of moments) {
    const exchange = await exchangeUntil(trial, moment, shard)
    const told = await loseCoordinator(stack, exchange)
    rounds.push({ moment, shard, told, left: await leftPrepared(stack), rows: await rowsWith(stack, exchange.word) })
  }
  await prove('rolled-back', () => {
    for (const { moment, shard, told, left, rows } of rounds) {
      const at = `${moment} on shard ${shard}`
      expect(rows, `${at}: rows on the shards`).toEqual([0, 0])
      expect(left, `${at}: prepared transactions that stay`).toEqual([])
      expect(told, `${at}: what the client was told`).not.toBe('committed')
    }
  })
})

spec('2PC-003', async (trial) => {
  const { stack, prove } = trial
  const moments: [CommitMoment, number][] = [
    ['commit-asked', 0],
    ['commit-asked', 1],
    ['commit-done', 1],
  ]
  const rounds: Round[] = []
  for (const [moment, shard] of moments) {
    const exchange = await exchangeUntil(trial, moment, shard)
    // The other shard has heard of the decision, if they are told at the same time.
    await soon(async () => (await rowsWith(stack, exchange.word))[1 - shard] === 1, 1_000)
    const told = await loseCoordinator(stack, exchange)
    rounds.push({ moment, shard, told, left: await leftPrepared(stack), rows: await rowsWith(stack, exchange.word) })
  }
  await prove('alike', () => {
    for (const { moment, shard, told, left, rows } of rounds) {
      const at = `${moment} on shard ${shard}`
      expect(rows[0], `${at}: rows on shard 0, of ${rows.join(' and ')}`).toBe(rows[1])
      expect(left, `${at}: prepared transactions that stay`).toEqual([])
      if (told === 'committed') expect(rows, `${at}: what was acknowledged`).toEqual([1, 1])
    }
  })
})
