/** The reference router: clients log in, take turns on a few server connections by transaction, and leave nothing behind for each other. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Server as HttpServer } from 'node:http'
import type { Logger } from 'pino'
import { Keys } from './client/keys.ts'
import { estateOf } from './admin/estate.ts'
import { openReception, type AnySession, type Who } from './client/reception.ts'
import type { RouterConfig } from './config.ts'
import { openLog } from './log.ts'
import { openMetrics } from './metrics.ts'
import { mergeConfig } from './reload.ts'
import { createOperations } from './operations.ts'
import { honestPieces, type Pieces, type PoolLevels } from './pieces.ts'
import { Domains } from './crew/domains.ts'
import { Pools } from './pool/pools.ts'
import { RoleFinder } from './roles/finder.ts'
import { resolveRoles } from './roles/resolve.ts'
import { openTwoPhase } from './twophase/two-phase.ts'

export interface Router extends AsyncDisposable {
  /** Where clients and operators reach it: with the port it got when the configuration said 0. */
  readonly address: AddressInfo
  readonly operations: AddressInfo
  /** Takes no new clients, lets open transactions end until the deadline, then ends everything. */
  drain(deadlineMs: number): Promise<void>
  /** Reads the configuration again; gives the sections whose changes need a restart. Rejects when it is not valid. */
  reload(): Promise<readonly string[]>
  /** Ends everything now. */
  [Symbol.asyncDispose](): Promise<void>
}

/** Listens when it settles; rejects when an address is taken. `pieces` replace parts of the honest router one by one. */
export async function startRouter(
  config: RouterConfig,
  pieces: Partial<Pieces> = {},
  log: Logger = openLog(config.log.level),
  reread: () => RouterConfig = () => config,
): Promise<Router> {
  let told = config
  let current = resolveRoles(told, new Set())
  let draining = false
  const sessions = new Map<AnySession, Who>()
  const sockets = new Set<Socket>()
  const whole = { ...honestPieces, ...pieces }
  const metrics = openMetrics(() => ({
    clients: sessions.size,
    pendingDecisions: twoPhase?.log.pending.size ?? 0,
    ...whole.tellLevels(levelsOf(pools)),
  }))
  const pools = new Pools(current, whole, metrics, log)
  const twoPhase = await openTwoPhase(() => current, whole, log)
  const domains = new Domains({ config: current, pools, pieces: whole, log, twoPhase })
  const adopt = async (next: RouterConfig): Promise<void> => {
    current = next
    pools.reload(next)
    await domains.reload(next)
  }
  const finder = new RoleFinder({ config: () => told, log, onChange: (primaries) => adopt(resolveRoles(told, primaries)) })
  const keys = new Keys<{ current: AnySession | null }>()
  const reload = async (): Promise<readonly string[]> => {
    const { config: next, waiting } = mergeConfig(told, reread())
    told = next
    await adopt(resolveRoles(told, finder.primaries))
    log.info({ waiting }, 'the configuration was read again')
    return waiting
  }
  const estate = estateOf({ config: () => current, pools, sessions, domains, twoPhase, reload })
  const receive = openReception({ config, estate, pieces: whole, pools, metrics, keys, sessions, domains, draining: () => draining, log })
  const door = createServer({ noDelay: true, keepAlive: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    receive(socket)
  })
  const desk = createOperations({ registry: metrics.registry, ready: () => !draining })
  await using started = new AsyncDisposableStack()
  if (twoPhase) started.use(twoPhase)
  started.use(domains)
  started.use(finder)
  await finder.begin()
  started.defer(() => closeServer(desk))
  started.defer(() => closeServer(door))
  const operations = await listen(desk, config.operations)
  const address = await listen(door, config.listen)
  for (const server of [desk, door]) server.on('error', (error) => log.warn({ reason: error.message }, 'a connection could not be taken'))
  pools.openAhead()
  log.info({ host: address.address, port: address.port, operations: operations.port }, 'the router listens')
  const running = started.move()

  const end = async (): Promise<void> => {
    draining = true
    for (const session of sessions.keys()) session.cut()
    for (const pool of pools.all()) pool.close()
    await settled(() => sockets.size === 0, 500)
    for (const socket of sockets) socket.destroy()
    for (const pool of pools.all()) pool.destroy()
    await running.disposeAsync()
    log.info('the router has stopped')
  }

  return {
    address,
    operations,
    async drain(deadlineMs) {
      draining = true
      door.close()
      log.info({ clients: sessions.size }, 'the router drains')
      for (const session of sessions.keys()) session.drain()
      const quiet = await settled(() => sessions.size === 0 && pools.all().every((pool) => pool.active === 0), deadlineMs)
      if (!quiet) log.info({ clients: sessions.size }, 'transactions are still open at the end of the time to drain')
      await end()
    },
    reload,
    [Symbol.asyncDispose]: end,
  }
}

function levelsOf(pools: Pools): PoolLevels {
  const all = pools.all()
  const sum = (read: (pool: (typeof all)[number]) => number): number => all.reduce((total, pool) => total + read(pool), 0)
  return { serversActive: sum((pool) => pool.active), serversIdle: sum((pool) => pool.idle), waiting: sum((pool) => pool.waiting) }
}

function listen(server: Server | HttpServer, { host, port }: { readonly host: string; readonly port: number }): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve(server.address() as AddressInfo)
    })
  })
}

function closeServer(server: Server | HttpServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    if ('closeAllConnections' in server) server.closeAllConnections()
  })
}

/** Looks again and again until it is so, or the deadline passes; says which. */
async function settled(isSo: () => boolean, deadlineMs: number): Promise<boolean> {
  const until = performance.now() + deadlineMs
  while (!isSo() && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 10))
  return isSo()
}
