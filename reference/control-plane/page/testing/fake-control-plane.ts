/** The API as the page sees it, with everything in memory and in the hands of a test. */
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { poolerDefaults, type PoolerConfig } from '../../api/cluster-schemas.ts'
import { pageRoutes, type PageOptions } from '../routes.ts'

export const token = 'header.payload.signature'

export interface FakeCluster {
  id: string
  state: 'active' | 'suspended' | 'waking' | 'suspending'
  message: string
  generation: number
  pooler: PoolerConfig
  pendingRestart: string[]
  statsFault: string | null
  shards: Record<string, number>
  queries: number
}

export function fakeCluster(id: string, more: Partial<FakeCluster> = {}): FakeCluster {
  const pooler = { ...poolerDefaults, sharding_enabled: true, default_shard_count: 4 }
  const shards = { '0': 4200, '1': 3900, '2': 4100, '3': 9400 }
  return { id, state: 'active', message: '', generation: 3, pooler, pendingRestart: [], statsFault: null, shards, queries: 21_600, ...more }
}

export interface FakeControlPlane extends AsyncDisposable {
  readonly url: string
  readonly clusters: Map<string, FakeCluster>
  readonly asked: string[]
  /** Answers to come, by what they are asked for. */
  readonly refusals: Map<string, { readonly status: number; readonly body: object }>
  happen(id: string, kind: string, more?: object): void
  /** Ends all streams, as a control plane that stops does. */
  cutStreams(): void
}

export async function startFakeControlPlane(clusters: readonly FakeCluster[], options: PageOptions = {}): Promise<FakeControlPlane> {
  const all = new Map(clusters.map((one) => [one.id, one]))
  const [asked, past]: [string[], { id: number }[]] = [[], []]
  const refusals: FakeControlPlane['refusals'] = new Map()
  let more = Promise.withResolvers<void>()
  let streams = new AbortController()
  const app = new Hono()
  app.use('/api/*', async (context, next) => {
    const { pathname } = new URL(context.req.url)
    asked.push(`${context.req.method} ${pathname}`)
    if (context.req.header('authorization') !== `Bearer ${token}`)
      return context.json({ title: 'Who are you?', detail: 'this token is not good' }, 401)
    const refusal = refusals.get(`${context.req.method} ${pathname}`)
    if (refusal !== undefined) return context.json(refusal.body, refusal.status as 500)
    const id = /^\/api\/v1\/clusters\/([^/]+)/.exec(pathname)?.[1]
    if (id !== undefined && !all.has(id)) return context.json({ detail: `there is no cluster ${id}` }, 404)
    return await next()
  })
  const one = (id: string) => all.get(id)!
  app.get('/api/v1/clusters', (context) => context.json({ clusters: [...all.values()].map(clusterOf), next: null }))
  app.get('/api/v1/clusters/:id/pooler', (context) => {
    const cluster = one(context.req.param('id'))
    return context.json(poolerOf(cluster), 200, { etag: `"${cluster.generation}"` })
  })
  app.patch('/api/v1/clusters/:id/pooler', async (context) => {
    const cluster = one(context.req.param('id'))
    if (context.req.header('if-match') !== `"${cluster.generation}"`) return context.json({ detail: 'changed meanwhile' }, 412)
    Object.assign(cluster.pooler, await context.req.json())
    cluster.generation++
    happen(cluster.id, 'pooler.configured')
    return context.json(poolerOf(cluster), 200, { etag: `"${cluster.generation}"` })
  })
  app.get('/api/v1/clusters/:id/pooler/stats', (context) => {
    const cluster = one(context.req.param('id'))
    if (cluster.statsFault !== null) return context.json({ detail: cluster.statsFault }, 503)
    return streamSSE(context, async (stream) => {
      for (let open = true; open && !streams.signal.aborted;) {
        stream.onAbort(() => void (open = false))
        const sample = cluster.statsFault === null ? statsOf(cluster) : { detail: cluster.statsFault }
        await stream.writeSSE({ event: cluster.statsFault === null ? 'stats' : 'problem', data: JSON.stringify(sample) })
        await new Promise((resolve) => setTimeout(resolve, 500))
      }
    })
  })
  app.post('/api/v1/clusters/:id/pooler/reload', (context) => {
    const { id, pendingRestart } = one(context.req.param('id'))
    happen(id, 'pooler.reloaded')
    return context.json({ instances: [{ instance: 'pooler-0', reloaded: true, message: '' }], pending_restart: pendingRestart }, 202)
  })
  app.post('/api/v1/clusters/:id/:verb', (context) => {
    const cluster = one(context.req.param('id'))
    cluster.state = context.req.param('verb') === 'wake' ? 'waking' : 'suspending'
    happen(cluster.id, `${context.req.param('verb')}.requested`)
    return context.json(statusOf(cluster), 202)
  })
  app.get('/api/v1/clusters/:id/events', (context) => {
    const after = Number(context.req.query('after') ?? 0)
    return context.json({ events: past.filter(({ id }) => id > after), next: null })
  })
  app.get('/api/v1/events', (context) => {
    let from = Number(context.req.query('after'))
    return streamSSE(context, async (stream) => {
      const over = AbortSignal.any([streams.signal])
      let open = true
      stream.onAbort(() => void (open = false))
      while (open && !over.aborted) {
        for (const event of past.filter(({ id }) => id > from))
          await stream.writeSSE({ id: String(event.id), event: 'event', data: JSON.stringify(event) })
        from = past.at(-1)?.id ?? from
        await Promise.race([more.promise, new Promise((resolve) => over.addEventListener('abort', resolve, { once: true }))])
      }
    })
  })
  app.route('/', pageRoutes(options))

  function happen(id: string, kind: string, given: object = {}): void {
    const { state } = one(id)
    const event = {
      cluster_id: id,
      at: new Date().toISOString(),
      kind,
      state,
      is_ready: state === 'active',
      message: '',
      operation_id: null,
    }
    past.push({ id: past.length + 1, ...event, cause: 'somebody', warmth: null, duration_ms: null, ...given } as { id: number })
    more.resolve()
    more = Promise.withResolvers()
  }

  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server
  if (!server.listening) await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clusters: all,
    asked,
    refusals,
    happen,
    cutStreams() {
      streams.abort()
      streams = new AbortController()
    },
    async [Symbol.asyncDispose]() {
      streams.abort()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const statusOf = ({ id, state, message }: FakeCluster) => {
  return {
    cluster_id: id,
    state,
    status: state === 'active' ? 'running' : state,
    is_ready: state === 'active',
    message,
    since: '2026-11-24T10:00:00Z',
    operation: null,
  }
}

const clusterOf = (cluster: FakeCluster) => ({ id: cluster.id, generation: cluster.generation, status: statusOf(cluster) })

function poolerOf(cluster: FakeCluster): object {
  const { state, is_ready, message } = statusOf(cluster)
  const instances =
    state === 'active'
      ? [0, 1].map((n) => ({ name: `pooler-${n}`, ready: true, message: 'takes clients', generation: cluster.generation }))
      : []
  const { generation, pendingRestart } = cluster
  return {
    ...cluster.pooler,
    status: { state, is_ready, message, generation, applied_generation: generation, pending_restart: pendingRestart, instances },
  }
}

function statsOf(cluster: FakeCluster): object {
  cluster.queries += 830
  const wave = Math.sin(cluster.queries / 5000)
  return {
    active_connections: Math.round(20 + 8 * wave),
    idle_connections: Math.round(30 - 8 * wave),
    total_queries: cluster.queries,
    queries_per_second: 415 + 60 * wave,
    average_latency_ms: 1.9 + 0.4 * wave,
    p99_latency_ms: 7.2 + 2 * wave,
    shard_distribution: cluster.shards,
    instances: [{ name: 'pooler-0', part: 'pooler', answered: true, message: '' }],
    at: new Date().toISOString(),
  }
}
