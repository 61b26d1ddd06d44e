/** A cluster's pooler: its settings read and changed, its numbers, its shards, and its reload. */
import { createRoute } from '@hono/zod-openapi'
import { callOnce } from '../clusters/calls.ts'
import type { ClusterRecord } from '../clusters/record.ts'
import { ProvisionerError, type Observation } from '../provisioner.ts'
import { distributionOf } from '../stats/stats.ts'
import { causeOf, recordOf, settled } from './cluster-routes.ts'
import { PoolerPatch } from './cluster-schemas.ts'
import { PoolerStats, PoolerStatus, ReloadResult, ShardDistribution } from './pooler-schemas.ts'
import { ProblemError } from './problem.ts'
import { clusterParams, etagHeader, etagOf, json, problems, requiredCondition } from './responses.ts'
import type { Api, Service } from './service.ts'
import { addStatsStream } from './stats-stream.ts'
import { poolerOf } from './views.ts'

const tags = ['pooler']
const base = '/api/v1/clusters/{id}/pooler'

const getRoute = createRoute({
  method: 'get',
  path: base,
  tags,
  request: { params: clusterParams },
  responses: { 200: { ...json(PoolerStatus, 'its settings, and what became of them'), headers: etagHeader }, ...problems() },
})

const patchRoute = createRoute({
  method: 'patch',
  path: base,
  tags,
  request: { params: clusterParams, body: { required: true, content: { 'application/json': { schema: PoolerPatch } } } },
  responses: { 200: { ...json(PoolerStatus, 'its settings now'), headers: etagHeader }, ...problems(412, 428) },
})

const statsRoute = createRoute({
  method: 'get',
  path: `${base}/stats`,
  tags,
  request: { params: clusterParams },
  responses: {
    200: json(PoolerStats, 'its numbers, of all instances together; asked for text/event-stream, again and again'),
    ...problems(),
  },
})

const shardsRoute = createRoute({
  method: 'get',
  path: `${base}/shards`,
  tags,
  request: { params: clusterParams },
  responses: { 200: json(ShardDistribution, 'queries by shard'), ...problems() },
})

const reloadRoute = createRoute({
  method: 'post',
  path: `${base}/reload`,
  tags,
  request: { params: clusterParams },
  responses: { 202: json(ReloadResult, 'every instance has read its settings again'), ...problems() },
})

export function addPoolerRoutes(api: Api, service: Service): void {
  const { store, orders } = service

  api.openapi(getRoute, async (context) => {
    const record = await recordOf(store, context.req.valid('param').id)
    return context.json(poolerOf(record, await lookAt(service, record)), 200, { etag: etagOf(record) })
  })

  api.openapi(patchRoute, async (context) => {
    const { id } = context.req.valid('param')
    const record = settled(await orders.patchPooler(id, causeOf(context), requiredCondition(context), context.req.valid('json')))
    return context.json(poolerOf(record, null), 200, { etag: etagOf(record) })
  })

  addStatsStream(api, service, (id) => statsNow(service, id))
  api.openapi(statsRoute, async (context) => context.json(await statsNow(service, context.req.valid('param').id), 200))

  api.openapi(shardsRoute, async (context) => {
    const record = await recordOf(store, context.req.valid('param').id)
    const { sharding_enabled: sharded, default_shard_count: count } = record.spec.pooler
    return context.json(distributionOf(await statsOf(service, record), sharded ? count : 1), 200)
  })

  api.openapi(reloadRoute, async (context) => {
    const record = await recordOf(store, context.req.valid('param').id)
    refuseAsleep(record)
    const instances = await orders.reload(record, causeOf(context), context.req.raw.signal)
    const missed = instances.filter(({ reloaded }) => !reloaded)
    if (missed.length > 0) throw new ProblemError('pooler-unreachable', { detail: 'not every instance was reloaded', errors: missed.map(({ instance, message }) => ({ path: instance, message })), retryAfterMs: 1000 }) // prettier-ignore
    return context.json({ instances: [...instances], pending_restart: [...record.pendingRestart] }, 202)
  })
}

/** Null: it sleeps, or the platform cannot say. */
async function lookAt({ provisioner, config }: Service, record: ClusterRecord): Promise<Observation | null> {
  if (record.state !== 'active') return null
  try {
    return await callOnce('observe', (signal) => provisioner.observe(record, signal), new AbortController().signal, config.times.statsMs)
  } catch (cause) {
    if (cause instanceof ProvisionerError) return null
    throw cause
  }
}

async function statsNow(service: Service, id: string): Promise<PoolerStats> {
  return await statsOf(service, await recordOf(service.store, id))
}

async function statsOf({ provisioner, collector, config }: Service, record: ClusterRecord): Promise<PoolerStats> {
  refuseAsleep(record)
  const endpoints = await callOnce(
    'endpoints',
    (signal) => provisioner.endpoints(record, signal),
    new AbortController().signal,
    config.times.statsMs,
  )
  const stats = await collector.collect(record.id, endpoints)
  if (stats === null) throw new ProblemError('pooler-unreachable', { detail: 'no pooler instance told its numbers', retryAfterMs: 1000 })
  return stats
}

function refuseAsleep({ id, state }: ClusterRecord): void {
  if (state === 'active') return
  throw new ProblemError('pooler-unreachable', { detail: `cluster ${id} is ${state}: its pooler can be asked when it is awake`, ...(state === 'waking' ? { retryAfterMs: 1000 } : {}) }) // prettier-ignore
}
