/** The health fence: every way in lets a client do its work, every shard has a primary that takes writes, and nothing is left prepared. */
import { setTimeout as sleep } from 'node:timers/promises'
import { connectPg } from './client/driver.ts'
import type { Place } from './client/client.ts'
import { primaryOf, type Ground } from './ground.ts'

/** Looks until all is well or the time is over; what is wrong then, in words, or null. */
export async function awaitHealth(ground: Ground, places: readonly Place[], withinMs: number, signal: AbortSignal): Promise<string | null> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const wrong = await firstWrong(ground, places)
    if (wrong === null || Date.now() > deadline) return wrong
    await sleep(100, undefined, { signal })
  }
}

async function firstWrong(ground: Ground, places: readonly Place[]): Promise<string | null> {
  const looks = await Promise.all([
    ...ground.shards.map((shard) => lookAtShard(ground, shard)),
    ...places.map((place) => lookThrough(ground, place)),
  ])
  return looks.find((wrong) => wrong !== null) ?? null
}

async function lookAtShard(ground: Ground, shard: number): Promise<string | null> {
  try {
    const standing = await ground.standing(shard)
    const { server } = primaryOf(shard, standing)
    const away = standing.filter(({ role }) => role === null)
    if (away.length > 0) return `${away.map((one) => one.server).join(', ')} of shard ${shard} does not answer`
    const prepared = await ground.onShard<{ gid: string }>(shard, 'select gid from pg_prepared_xacts where database = current_database()')
    return prepared.length === 0 ? null : `left prepared on ${server}: ${prepared.map(({ gid }) => gid).join(', ')}`
  } catch (error) {
    return `shard ${shard}: ${(error as Error).message}`
  }
}

const answerLimitMs = 5_000

/** A statement that goes to each shard. */
async function lookThrough(ground: Ground, { instance, config }: Place): Promise<string | null> {
  try {
    const connection = await connectPg({ ...(await config()), connectionTimeoutMillis: answerLimitMs, query_timeout: answerLimitMs })
    try {
      await connection.query(ground.shards.length > 1 ? 'select count(*) from items' : 'select 1')
      return null
    } finally {
      connection.destroy()
    }
  } catch (error) {
    return `${instance}: ${(error as Error).message}`
  }
}
