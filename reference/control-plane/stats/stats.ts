/** The live numbers of a cluster's poolers, made of what each of its instances tells. */
import type { PoolerStats, ShardDistribution } from '../api/pooler-schemas.ts'
import type { InstanceEndpoint } from '../provisioner.ts'
import type { Answer, FetchMetrics } from './fetch-metrics.ts'
import { bucketsOf, quantileOf, sumByShard, sumOf, type Sample } from './open-metrics.ts'

export interface StatsTerms {
  readonly fetchMetrics: FetchMetrics
  readonly timeoutMs: number
  readonly now: () => number
}

export interface Collector {
  /** Null: no pooler instance answered. */
  collect(clusterId: string, endpoints: readonly InstanceEndpoint[]): Promise<PoolerStats | null>
  /** What tells an idle cluster from one that works; null: no pooler instance answered. */
  work(endpoints: readonly InstanceEndpoint[]): Promise<Work | null>
  forget(clusterId: string): void
}

export interface Work {
  /** Server connections that serve a client at the moment. */
  readonly active: number
  /** Another number than before: something was done in between. */
  readonly done: number
}

interface Before {
  readonly queries: number
  readonly atMs: number
}

/** Rates are from one look to the next, of no less than that. */
const minWindowMs = 250
/** Where a query's time is kept as a histogram. */
const histogram = 'query_duration_seconds'

export function makeCollector({ fetchMetrics, timeoutMs, now }: StatsTerms): Collector {
  const before = new Map<string, Before & { readonly rate: number }>()

  function rateOf(clusterId: string, queries: number, atMs: number): number {
    const last = before.get(clusterId)
    if (last !== undefined && atMs - last.atMs < minWindowMs && atMs >= last.atMs) return last.rate
    // A counter that went back was started anew.
    const rate =
      last === undefined || atMs <= last.atMs || queries < last.queries ? 0 : ((queries - last.queries) / (atMs - last.atMs)) * 1000
    before.set(clusterId, { queries, atMs, rate })
    return rate
  }

  return {
    async collect(clusterId, endpoints) {
      const signal = AbortSignal.timeout(timeoutMs)
      const answers = await Promise.all(endpoints.map((endpoint) => fetchMetrics(endpoint, signal)))
      const poolers = samplesOf(answers, 'pooler')
      if (poolers === null) return null
      const all = [...poolers, ...(samplesOf(answers, 'gateway') ?? [])]
      const atMs = now()
      const total = queriesIn(poolers)
      return {
        ...numbersOf(poolers, all),
        queries_per_second: rateOf(clusterId, total, atMs),
        instances: answers.map(viewOf),
        at: new Date(atMs).toISOString(),
      }
    },
    async work(endpoints) {
      const signal = AbortSignal.timeout(timeoutMs)
      const poolers = endpoints.filter(({ part }) => part === 'pooler')
      const samples = samplesOf(await Promise.all(poolers.map((endpoint) => fetchMetrics(endpoint, signal))), 'pooler')
      return samples === null ? null : { active: activeIn(samples), done: workIn(samples) }
    },
    forget: (clusterId) => void before.delete(clusterId),
  }
}

function samplesOf(answers: readonly Answer[], part: InstanceEndpoint['part']): Sample[] | null {
  const answered = answers.flatMap(({ endpoint, samples }) => (endpoint.part === part && samples !== null ? [samples] : []))
  return answered.length === 0 ? null : answered.flat()
}

/** PgDog's names first, then the reference router's. */
function numbersOf(poolers: readonly Sample[], all: readonly Sample[]): Omit<PoolerStats, 'queries_per_second' | 'instances' | 'at'> {
  const queries = queriesIn(poolers)
  const shards = sumByShard(poolers, 'total_query_count')
  const p99 = quantileOf(bucketsOf(all, histogram), 0.99)
  return {
    active_connections: activeIn(poolers),
    idle_connections: whole(sumOf(poolers, 'sv_idle', 'servers_idle')),
    total_queries: queries,
    average_latency_ms: queries === 0 ? 0 : Math.max(0, sumOf(poolers, 'total_query_time') / queries),
    p99_latency_ms: p99 === null ? null : p99 * 1000,
    shard_distribution: Object.fromEntries(Object.entries(shards).map(([shard, count]) => [shard, whole(count)])),
  }
}

/** The router counts transactions, one for each checkout. */
function queriesIn(samples: readonly Sample[]): number {
  return whole(sumOf(samples, 'total_query_count', 'checkouts_total'))
}

function activeIn(samples: readonly Sample[]): number {
  return whole(sumOf(samples, 'sv_active', 'servers_active'))
}

/** PgDog's look after a server that has nothing to do: an empty query, which it counts as one of these many bytes. */
const healthCheckBytes = 7

/** What PgDog does by itself is no work. */
function workIn(samples: readonly Sample[]): number {
  const queries = queriesIn(samples)
  const sent = sumOf(samples, 'total_sent')
  return sent === 0 ? queries : sent - healthCheckBytes * queries
}

function whole(value: number): number {
  return Math.max(0, Math.round(value))
}

function viewOf({ endpoint, samples, message }: Answer): PoolerStats['instances'][number] {
  return { name: endpoint.name, part: endpoint.part, answered: samples !== null, message }
}

/** Shards that nobody asked are in it, too. */
export function distributionOf(stats: PoolerStats, shardCount: number): ShardDistribution {
  const seen = Object.keys(stats.shard_distribution).map(Number)
  const count = Math.max(shardCount, ...seen.map((shard) => shard + 1))
  const queries = Array.from({ length: count }, (_, shard) => stats.shard_distribution[shard] ?? 0)
  const total = queries.reduce((sum, one) => sum + one, 0)
  return {
    shard_count: count,
    total_queries: total,
    shards: queries.map((own, shard) => ({ shard, queries: own, share: total === 0 ? 0 : own / total })),
    skew: total === 0 ? null : Math.max(...queries) / (total / count),
    at: stats.at,
  }
}
