/** Clusters woken, put to sleep and asked how they are: by people, and by the gateway. */
import { createRoute, z } from '@hono/zod-openapi'
import { causeOf, recordOf } from './cluster-routes.ts'
import { ClusterStatus } from './cluster-schemas.ts'
import { InternalState } from './pooler-schemas.ts'
import { ProblemError } from './problem.ts'
import { clusterParams, json, locationHeader, problems, statusPath } from './responses.ts'
import type { Api, Service } from './service.ts'
import { internalOf, statusOf } from './views.ts'

const wakeRoute = createRoute({
  method: 'post',
  path: '/api/v1/clusters/{id}/wake',
  tags: ['clusters'],
  request: { params: clusterParams },
  responses: {
    200: { ...json(ClusterStatus, 'is awake'), headers: locationHeader },
    202: { ...json(ClusterStatus, 'is being woken'), headers: locationHeader },
    ...problems(),
  },
})

const SuspendWish = z
  .strictObject({
    /** Left out: as the cluster's policy says. */
    standby: z.enum(['warm', 'cold']).optional(),
    /** Transactions that are open when their time is over are cut off. */
    force: z.boolean().default(false),
  })
  .openapi('SuspendWish')

const suspendRoute = createRoute({
  method: 'post',
  path: '/api/v1/clusters/{id}/suspend',
  tags: ['clusters'],
  request: { params: clusterParams, body: { required: false, content: { 'application/json': { schema: SuspendWish } } } },
  responses: {
    200: { ...json(ClusterStatus, 'sleeps'), headers: locationHeader },
    202: { ...json(ClusterStatus, 'is being suspended'), headers: locationHeader },
    ...problems(409),
  },
})

const statusRoute = createRoute({
  method: 'get',
  path: '/api/v1/clusters/{id}/status',
  tags: ['clusters'],
  request: { params: clusterParams },
  responses: { 200: json(ClusterStatus, 'how it is'), ...problems() },
})

const internalStateRoute = createRoute({
  method: 'get',
  path: '/api/v1/internal/clusters/{id}/state',
  tags: ['internal'],
  request: { params: clusterParams },
  responses: { 200: json(InternalState, 'how it is'), ...problems() },
})

const internalWakeRoute = createRoute({
  method: 'post',
  path: '/api/v1/internal/clusters/{id}/wake',
  tags: ['internal'],
  request: { params: clusterParams },
  responses: { 200: json(InternalState, 'is awake'), 202: json(InternalState, 'is being woken'), ...problems() },
})

export function addWakeRoutes(api: Api, { store, orders, answerWake }: Service): void {
  async function wake(id: string, cause: string) {
    const outcome = await orders.wake(id, cause)
    if (outcome === null) throw new ProblemError('not-found', { detail: `there is no cluster ${id}` })
    const { status, retryAfterMs } = answerWake(outcome)
    const detail = outcome.kind === 'failed' ? outcome.message : outcome.record.message
    return { record: outcome.record, status, notes: { detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) } }
  }

  api.openapi(wakeRoute, async (context) => {
    const { id } = context.req.valid('param')
    const { record, status, notes } = await wake(id, causeOf(context))
    if (status === 503) throw new ProblemError('wake-refused', notes)
    return context.json(statusOf(record), status, { location: statusPath(id) })
  })

  // The gateway was promised 500 where people are told 503.
  api.openapi(internalWakeRoute, async (context) => {
    const { record, status, notes } = await wake(context.req.valid('param').id, 'gateway')
    if (status === 503) throw new ProblemError('wake-failed', notes)
    return context.json(internalOf(record), status)
  })

  api.openapi(suspendRoute, async (context) => {
    const { id } = context.req.valid('param')
    const { standby, force = false } = context.req.valid('json') as Partial<z.infer<typeof SuspendWish>>
    const outcome = await orders.suspend(id, causeOf(context), { warmth: standby, force })
    if (outcome === null || outcome.kind === 'gone') throw new ProblemError('not-found', { detail: `there is no cluster ${id}` })
    if (outcome.kind === 'waking') throw new ProblemError('conflict', { detail: 'is being woken: it can be suspended when it is awake' })
    return context.json(statusOf(outcome.record), outcome.kind === 'asleep' ? 200 : 202, { location: statusPath(id) })
  })

  api.openapi(statusRoute, async (context) => context.json(statusOf(await recordOf(store, context.req.valid('param').id)), 200))
  api.openapi(internalStateRoute, async (context) => context.json(internalOf(await recordOf(store, context.req.valid('param').id)), 200))
}
