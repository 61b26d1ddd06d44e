/** The history of clusters, as a list and as a stream. */
import { createRoute, z } from '@hono/zod-openapi'
import { streamSSE } from 'hono/streaming'
import { recordOf } from './cluster-routes.ts'
import { clusterId } from './cluster-schemas.ts'
import { EventList } from './pooler-schemas.ts'
import { ProblemError } from './problem.ts'
import { clusterParams, json, problems } from './responses.ts'
import type { Api, Service } from './service.ts'

const tags = ['events']
const number = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/clusters/{id}/events',
  tags,
  request: {
    params: clusterParams,
    query: z.object({ after: number.default(0), limit: z.coerce.number().int().min(1).max(1000).default(100) }),
  },
  responses: { 200: json(EventList, 'events from the oldest on, those behind `after`'), ...problems() },
})

const streamRoute = createRoute({
  method: 'get',
  path: '/api/v1/events',
  tags,
  request: { query: z.object({ cluster: clusterId.optional(), after: number.optional() }) },
  responses: {
    200: {
      description: 'events as they come, each a WakeEvent; from `Last-Event-ID` or `after` on, else from now on',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    ...problems(),
  },
})

const pageSize = 200
const heartbeatMs = 15_000

export function addEventRoutes(api: Api, { store, feed, config, stopping, now }: Service): void {
  let streams = 0

  api.openapi(listRoute, async (context) => {
    const [{ id }, { after, limit }] = [context.req.valid('param'), context.req.valid('query')]
    await recordOf(store, id)
    const events = await store.events({ cluster: id, after, limit })
    return context.json({ events: [...events], next: events.length < limit ? null : (events.at(-1)?.id ?? null) }, 200)
  })

  api.openapi(streamRoute, async (context) => {
    const { cluster: wanted, after } = context.req.valid('query')
    const { cluster: own, endMs } = context.get('principal')
    if (own !== null && wanted !== undefined && own !== wanted) throw new ProblemError('forbidden')
    const cluster = wanted ?? own ?? undefined
    if (streams >= config.limits.streams) throw new ProblemError('unavailable', { detail: 'too many streams are open', retryAfterMs: 5000 })
    let from = lastSeen(context.req.header('last-event-id')) ?? after ?? (await store.lastEventId())
    streams++
    return streamSSE(context, async (stream) => {
      const gone = new AbortController()
      stream.onAbort(() => gone.abort())
      const over = AbortSignal.any([stopping, gone.signal])
      try {
        // Who may not see it any more sees no more.
        while (!over.aborted && now() < endMs) {
          const events = await store.events({ cluster, after: from, limit: pageSize })
          for (const event of events) await stream.writeSSE({ id: String(event.id), event: event.kind, data: JSON.stringify(event) })
          from = events.at(-1)?.id ?? from
          if (events.length === 0 && !(await feed.next(Math.min(heartbeatMs, Math.max(1, endMs - now())), over)))
            await stream.write(': \n\n')
        }
      } finally {
        streams--
      }
    })
  })
}

function lastSeen(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : null
}
