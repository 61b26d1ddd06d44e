/** The gateway: takes clients in over TLS, asks each for a token, and lets those with a good one through to the pooler. */
import { once } from 'node:events'
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net'
import type { Server as HttpServer } from 'node:http'
import { hearCancels } from './cancel/serve.ts'
import type { Write } from './audit.ts'
import type { GatewayConfig } from './config.ts'
import { alone, type Crew } from './crew.ts'
import { makeLog, type Log } from './log.ts'
import { keepAliveMs } from './upstream.ts'
import { makeDoor, type Door } from './door.ts'
import { keep, type Keeper } from './doorkeeper.ts'
import { makeLasting } from './lasting.ts'
import { listen, portOf } from './listen.ts'
import type { Figures, Metrics } from './metrics.ts'
import { answerFrom, makeOperations, type Route, type Routes } from './operations.ts'
import { pieces as defaults, type Pieces } from './pieces.ts'
import { serveClient } from './session.ts'

export interface Gateway extends AsyncDisposable {
  readonly port: number
  /** Null when there is no operations port. */
  readonly operationsPort: number | null
  /** The configuration in force. */
  config(): GatewayConfig
  /** Puts another configuration in force for what begins now; sessions go on. One that is not good is logged and changes nothing. */
  reload(load: () => GatewayConfig): Promise<void>
  /** What the operations port would answer. */
  readonly answer: Route
  figures(): Promise<Figures>
  /** Takes no more clients and waits for those that are here; who is left at the deadline is cut off. */
  drain(timeoutMs: number): Promise<void>
}

export interface Surroundings {
  /** Where log records go; by default JSON lines on standard output. */
  readonly write?: Write
  readonly setLevel?: Log['setLevel']
  /** The other processes on the same port; by default there are none. */
  readonly crew?: Crew
  /** False when another process has the operations port. */
  readonly operations?: boolean
  /** How else to listen than on a port of one's own. */
  readonly listening?: ListenOptions
}

/** Resolves once it listens. Throws a ConfigError when a file or a port is not to be had. */
export async function startGateway(
  config: GatewayConfig,
  replaced: Partial<Pieces> = {},
  surroundings: Surroundings = {},
): Promise<Gateway> {
  const pieces = { ...defaults, ...replaced }
  const { write, setLevel = () => {} } =
    surroundings.write === undefined ? makeLog(config.log.level) : { ...surroundings, write: surroundings.write }
  await using stack = new AsyncDisposableStack()
  const given = { pieces, write, setLevel, crew: surroundings.crew ?? alone }
  const lasting = stack.use(makeLasting(config, given, { cacheEntries: () => keeper.kept.cacheEntries() }))
  const { metrics } = lasting
  const keeper: Keeper<Door & AsyncDisposable> = stack.use(await keep(config, (wanted) => makeDoor(wanted, lasting), lasting))
  stack.use(hearCancels(() => keeper.kept))
  const clients = new Set<Socket>()
  let open = false

  const answer: Route = (request) =>
    answerFrom({ ...keeper.kept.routes, ...ownRoutes(metrics, () => open && keeper.kept.isReady()) }, request)
  const operations = surroundings.operations === false ? null : await startOperations(config, answer)
  stack.defer(() => {
    operations?.close()
    operations?.closeAllConnections()
  })
  const server = await listen(
    openDoor(() => keeper.kept, clients, write),
    { ...config.listen, ...surroundings.listening },
    'listen',
  )
  open = true
  const operationsPort = operations === null ? null : portOf(operations)
  write('info', { event: 'started', port: portOf(server), operationsPort, tls: keeper.kept.secureContext !== null }, 'listening')
  const owned = stack.move()

  const drain = async (timeoutMs: number): Promise<void> => {
    open = false
    server.close()
    write('info', { event: 'draining', sessions: clients.size }, 'taking no more clients')
    await lastGone(clients, timeoutMs)
    await owned.disposeAsync()
    write('info', { event: 'stopped' }, 'stopped')
  }
  return {
    port: portOf(server),
    operationsPort,
    config: () => keeper.config,
    reload: keeper.reload,
    answer,
    figures: metrics.figures,
    drain,
    [Symbol.asyncDispose]: () => drain(0),
  }
}

function openDoor(takeDoor: () => Door, clients: Set<Socket>, write: Write): Server {
  const options = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs } as const
  const server = createServer(options, (socket) => {
    clients.add(socket)
    socket.once('close', () => clients.delete(socket))
    void serveClient(socket, takeDoor)
  })
  // Out of descriptors, say: the next accept may work again.
  return server.on(
    'error',
    (cause: NodeJS.ErrnoException) => server.listening && write('error', { event: 'accept', code: cause.code }, 'cannot accept'),
  )
}

async function startOperations(config: GatewayConfig, answer: Route): Promise<HttpServer | null> {
  if (config.operations === undefined) return null
  return await listen(makeOperations(answer), config.operations, 'operations')
}

function ownRoutes(metrics: Metrics, isReady: () => boolean): Routes {
  return {
    'GET /health': () => ({ status: 200, body: 'alive\n' }),
    'GET /ready': () => (isReady() ? { status: 200, body: 'ready\n' } : { status: 503, body: 'not taking clients\n' }),
    'GET /metrics': async () => {
      const { contentType, text } = await metrics.render()
      return { status: 200, body: text, contentType }
    },
  }
}

async function lastGone(clients: ReadonlySet<Socket>, timeoutMs: number): Promise<void> {
  const cut = () => clients.forEach((socket) => socket.destroy())
  const timer = setTimeout(cut, timeoutMs)
  if (timeoutMs === 0) cut()
  await Promise.all([...clients].map((socket) => goneOf(socket)))
  clearTimeout(timer)
}

async function goneOf(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, 'close').catch(() => {})
}
