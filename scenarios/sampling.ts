/** Looks at the servers now and then while a scenario runs: how many pooled connections there are, and what is left prepared. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { HistoryBook } from './history/write.ts'
import { ask, type Ground } from './ground.ts'

const everyMs = 250
const answerLimitMs = 2_000

const sql = `select
  (select count(*)::int from pg_stat_activity where usename = $1 and datname = current_database()) as connections,
  (select count(*)::int from pg_stat_activity where usename = $1 and datname = current_database() and state like 'idle in transaction%') as idle,
  (select count(*)::int from pg_prepared_xacts where database = current_database()) as prepared`

/** Samples until its scope is left. */
export function startSampling(ground: Ground, book: HistoryBook): AsyncDisposable {
  const stop = new AbortController()
  const done = (async () => {
    while (!stop.signal.aborted) {
      await sampleOnce(ground, book)
      await sleep(everyMs, undefined, { signal: stop.signal }).catch(() => {})
    }
  })()
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await done
    },
  }
}

export async function sampleOnce(ground: Ground, book: HistoryBook): Promise<void> {
  for (const pooler of ground.stack.parts('pooler'))
    if (ground.stack.can('links').here) book.sample('clients', pooler.name, ground.stack.link(pooler.name).open)
  await Promise.all(ground.shards.flatMap((shard) => [sampleShard(ground, book, shard), samplePrimaries(ground, book, shard)]))
}

/** How many servers of a shard take writes; where there is one server only, there is nothing to count. */
async function samplePrimaries({ stack, standing }: Ground, book: HistoryBook, shard: number): Promise<void> {
  if (stack.topology.replicas === 0) return
  book.sample('primaries', `shard ${shard}`, (await standing(shard)).filter(({ role }) => role === 'primary').length)
}

/** A server that does not answer gives no sample: that it is away is told by the fault. */
async function sampleShard({ stack }: Ground, book: HistoryBook, shard: number): Promise<void> {
  for (let replica = 0; replica <= stack.topology.replicas; replica++) {
    const where = `shard ${shard}${replica === 0 ? '' : ` replica ${replica}`}`
    try {
      const login = stack.server(shard, replica)
      const [row] = await ask<{ connections: number; idle: number; prepared: number }>(login, sql, [stack.app(shard).user], answerLimitMs)
      for (const [name, value] of Object.entries(row!)) book.sample(name, where, value)
    } catch {
      continue
    }
  }
}
