/** A control plane: takes orders over HTTP, keeps them, and sees to it, as long as it leads, that clusters become what is wanted. */
import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { createAdaptorServer } from '@hono/node-server'
import type { Write } from '../gateway/audit.ts'
import { readText } from '../gateway/config-file.ts'
import { listen, portOf } from '../gateway/listen.ts'
import { makeLog } from '../gateway/log.ts'
import { answerFrom, makeOperations, type Routes } from '../gateway/operations.ts'
import { openAuditLog } from './access/audit.ts'
import { makeApp } from './api/app.ts'
import type { Service } from './api/service.ts'
import { makeChanger } from './clusters/changer.ts'
import { Conductor } from './clusters/conductor.ts'
import { makeOrders } from './clusters/orders.ts'
import { makeWatch, type Watch } from './clusters/watch.ts'
import type { ControlPlaneConfig } from './config.ts'
import { makeFeed } from './feed.ts'
import { Lead } from './lead.ts'
import { makeMetrics } from './metrics.ts'
import { pieces as defaults, type Pieces } from './pieces.ts'
import { makeCollector } from './stats/stats.ts'
import { timesOf } from './times.ts'
import { tellFault, tellTrouble } from './troubles.ts'

export interface ControlPlane extends AsyncDisposable {
  readonly port: number
  /** Null: there is none. */
  readonly operationsPort: number | null
}

export interface Surroundings {
  readonly write?: Write
}

/** Listens when it resolves. Throws a ConfigError or a StoreError, and leaves nothing behind then. */
export async function startControlPlane(
  config: ControlPlaneConfig,
  replaced: Partial<Pieces> = {},
  surroundings: Surroundings = {},
): Promise<ControlPlane> {
  await using stack = new AsyncDisposableStack()
  const pieces: Pieces = { ...defaults, ...replaced }
  const { now } = pieces
  const write = surroundings.write ?? makeLog(config.log.level).write
  const stopping = new AbortController()
  const metrics = makeMetrics(() => conductor.size)
  const audit = stack.use(openAuditLog(config.audit, write, metrics.registry, now))
  const authenticate = pieces.makeAuthenticate(config, now)
  const provisioner = pieces.makeProvisioner(config.driver)
  const store = stack.use(await pieces.openStore(config.store))
  const [times, feed] = [timesOf(config.times), makeFeed()]
  const collector = makeCollector({ fetchMetrics: pieces.fetchMetrics, timeoutMs: times.statsMs, now })

  const change = makeChanger(store, (record, made) => {
    metrics.changed(record, made)
    lead.follow(record)
    feed.tell()
  })
  const shared = {
    store,
    provisioner,
    change,
    times,
    now,
    newId: randomUUID,
    isAwake: pieces.isAwake,
    onTrouble: tellTrouble(write, metrics),
  }
  const makeConductor = () => new Conductor({ ...shared, onFault: tellFault(write), onSettled: (id) => (feed.tell(), watch.configure(id)) })
  let conductor = makeConductor()
  const orders = makeOrders({
    ...shared,
    pieces,
    conductor: { follow: (record) => lead.follow(record), ordered: (id, ms) => conductor.ordered(id, ms) },
    onConfigured: (id) => watch.configure(id),
  })
  const watch: Watch = makeWatch({ ...shared, orders, collector, conductor: { isBusyWith: (id) => conductor.isBusyWith(id) } })

  const lead = new Lead({
    store,
    write,
    everyMs: times.leadMs,
    keepEvents: config.limits.events,
    onLeads: metrics.leads,
    async begin() {
      conductor = makeConductor()
      await pieces.takeUpAll({ store, change, now, times })
    },
    run: (signal) => watch.run(signal),
    end: () => conductor.stop(),
    follow: (record) => conductor.follow(record),
  })

  const service: Service = {
    ...pieces,
    config,
    store,
    orders,
    provisioner,
    collector,
    feed,
    metrics,
    authenticate,
    audit: audit.write,
    write,
    stopping: stopping.signal,
  }
  await lead.start()
  stack.use(lead)
  const server = await serve(
    stack,
    config,
    makeApp(service, (api) => config.page.enabled && api.route('/', pieces.makePage(config.page))),
    stopping,
  )
  const operations = await serveOperations(stack, config, { metrics, isReady: () => lead.isSettled })
  write(
    'info',
    { event: 'started', port: portOf(server), store: store.kind, driver: provisioner.kind, leads: lead.leads },
    'the control plane listens',
  )
  const owned = stack.move()
  return {
    port: portOf(server),
    operationsPort: operations === null ? null : portOf(operations),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

const timeouts = { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 30_000, maxHeaderSize: 32_768 }

/** Requests that are under way are answered; streams end. */
async function serve(
  stack: AsyncDisposableStack,
  { listen: address, tls }: ControlPlaneConfig,
  app: ReturnType<typeof makeApp>,
  stopping: AbortController,
): Promise<Server> {
  const { fetch } = app
  const server = (
    tls === undefined
      ? createAdaptorServer({ fetch, serverOptions: timeouts })
      : createAdaptorServer({
          fetch,
          createServer: createSecureServer,
          serverOptions: { ...timeouts, cert: readText(tls.cert), key: readText(tls.key), minVersion: 'TLSv1.2' },
        })
  ) as Server
  await listen(server, address, 'listen')
  stack.defer(async () => {
    stopping.abort()
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeIdleConnections()
    const timer = setTimeout(() => server.closeAllConnections(), drainMs)
    await closed
    clearTimeout(timer)
  })
  return server
}

const drainMs = 5000

interface Vitals {
  readonly metrics: ReturnType<typeof makeMetrics>
  readonly isReady: () => boolean
}

async function serveOperations(
  stack: AsyncDisposableStack,
  { operations: address }: ControlPlaneConfig,
  { metrics, isReady }: Vitals,
): Promise<Server | null> {
  if (address === undefined) return null
  const routes: Routes = {
    'GET /health': () => ({ status: 200, body: 'ok\n' }),
    'GET /ready': () => (isReady() ? { status: 200, body: 'ready\n' } : { status: 503, body: 'does not lead\n' }),
    'GET /metrics': async () => ({ status: 200, body: await metrics.registry.metrics(), contentType: metrics.registry.contentType }),
  }
  const server = await listen(
    makeOperations((request) => answerFrom(routes, request)),
    address,
    'operations',
  )
  stack.defer(() => {
    server.closeAllConnections()
    return new Promise<void>((resolve) => server.close(() => resolve()))
  })
  return server
}
