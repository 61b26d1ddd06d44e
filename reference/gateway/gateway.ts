/** The gateway: takes clients in over TLS, asks each for a token, and lets those with a good one through to the pooler. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Server as HttpServer } from 'node:http'
import type { Write } from './audit.ts'
import { ConfigError } from './config-error.ts'
import type { GatewayConfig } from './config.ts'
import { makeLog } from './log.ts'
import { keepAliveMs } from './upstream.ts'
import { readMaterial, type Material } from './material.ts'
import { makeMetrics, type Metrics } from './metrics.ts'
import { makeOperations } from './operations.ts'
import { pieces as defaults, type Pieces } from './pieces.ts'
import { serveClient, type Door } from './session.ts'
import { verifyToken, type TokenTerms, type VerifiedToken } from './verify.ts'

export interface Gateway extends AsyncDisposable {
  readonly port: number
  /** Null when there is no operations port. */
  readonly operationsPort: number | null
  /** Takes no more clients and waits for those that are here; who is left at the deadline is cut off. */
  drain(timeoutMs: number): Promise<void>
}

export interface Surroundings {
  /** Where log records go; by default JSON lines on standard output. */
  readonly write?: Write
}

/** Resolves once it listens. Throws a ConfigError when a file or a port is not to be had. */
export async function startGateway(
  config: GatewayConfig,
  replaced: Partial<Pieces> = {},
  surroundings: Surroundings = {},
): Promise<Gateway> {
  const pieces = { ...defaults, ...replaced }
  const write = surroundings.write ?? makeLog(config.log.level)
  const material = await readMaterial(config, pieces.tls)
  const clients = new Set<Socket>()
  let open = false

  const { verify, metrics } = makeVerifier(config, material, pieces)
  const door = makeDoor(config, material, pieces, { verify, metrics, write })
  const operations = await startOperations(config, metrics, () => open)
  const server = await listen(openDoor(door, clients, write), config.listen, 'listen').catch((cause: unknown) => {
    operations?.close()
    throw cause
  })
  open = true
  write('info', { event: 'started', port: portOf(server), tls: material.secureContext !== null }, 'listening')

  const drain = async (timeoutMs: number): Promise<void> => {
    open = false
    server.close()
    write('info', { event: 'draining', sessions: clients.size }, 'taking no more clients')
    await lastGone(clients, timeoutMs)
    operations?.close()
    operations?.closeAllConnections()
    write('info', { event: 'stopped' }, 'stopped')
  }
  return {
    port: portOf(server),
    operationsPort: operations === null ? null : portOf(operations),
    drain,
    [Symbol.asyncDispose]: () => drain(0),
  }
}

interface Verifier {
  readonly verify: (token: string) => Promise<VerifiedToken>
  readonly metrics: Metrics
}

function makeVerifier(config: GatewayConfig, { issuers }: Material, pieces: Pieces): Verifier {
  const { cache: size, ...demands } = config.tokens
  const terms: TokenTerms = { issuers, ...demands }
  const metrics = makeMetrics(() => cache.size)
  const cache = pieces.makeCache({ ...size, now: pieces.now, onHit: () => metrics.cacheHit(), onMiss: () => metrics.cacheMiss() })
  const verifyAnew = (token: string) => verifyToken(token, terms, pieces, pieces.now, () => metrics.signatureCheck())
  return { metrics, verify: (token) => cache.get(token, () => verifyAnew(token)) }
}

function makeDoor(config: GatewayConfig, material: Material, pieces: Pieces, others: Verifier & { readonly write: Write }): Door {
  const { secureContext, seal, roles } = material
  const { startupTimeoutMs, upstreamTimeoutMs } = config.limits
  return {
    ...others,
    pieces,
    secureContext,
    seal,
    admissionTerms: { roles, databases: config.databases },
    upstream: config.upstream,
    maxTokenBytes: config.tokens.maxBytes,
    startupTimeoutMs,
    upstreamTimeoutMs,
  }
}

function openDoor(door: Door, clients: Set<Socket>, write: Write): Server {
  const options = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs } as const
  const server = createServer(options, (socket) => {
    clients.add(socket)
    socket.once('close', () => clients.delete(socket))
    void serveClient(socket, door)
  })
  // Out of descriptors, say: the next accept may work again.
  return server.on(
    'error',
    (cause: NodeJS.ErrnoException) => server.listening && write('error', { event: 'accept', code: cause.code }, 'cannot accept'),
  )
}

async function startOperations(config: GatewayConfig, metrics: Metrics, isReady: () => boolean): Promise<HttpServer | null> {
  if (config.operations === undefined) return null
  return await listen(makeOperations({ metrics, isReady }), config.operations, 'operations')
}

async function listen<S extends Server>(
  server: S,
  { host, port }: { readonly host: string; readonly port: number },
  key: string,
): Promise<S> {
  server.listen({ host, port })
  try {
    await once(server, 'listening')
    return server
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    throw new ConfigError(
      `${key}: cannot listen on ${host}:${port} (${code}); ${code === 'EADDRINUSE' ? 'somebody else does: name another port' : 'check host and port'}`,
    )
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
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
