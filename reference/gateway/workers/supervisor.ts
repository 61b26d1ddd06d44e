/** The process that was started when there are to be several: keeps the workers alive, speaks for them on the operations port, and stops them. */
import { createServer, type Server as TcpServer } from 'node:net'
import { Counter, Gauge } from 'prom-client'
import type { LocalGate } from '../access/gate.ts'
import { GateHost } from '../access/gate-host.ts'
import { alone } from '../crew.ts'
import type { GatewayConfig } from '../config.ts'
import { makeDoor, makeLocalGate } from '../door.ts'
import { keep, type Keeper } from '../doorkeeper.ts'
import type { Gateway } from '../gateway.ts'
import { makeLasting } from '../lasting.ts'
import { listen, portOf } from '../listen.ts'
import type { Log } from '../log.ts'
import type { Figures, Metrics } from '../metrics.ts'
import { answerFrom, makeOperations, type OperationsAnswer, type OperationsRequest, type Routes } from '../operations.ts'
import type { Pieces } from '../pieces.ts'
import { usualBackoff, type BackoffTerms } from './backoff.ts'
import { Place, type Child } from './place.ts'
import { bounds, type Report } from './protocol.ts'
import { bury, renderSum } from './sums.ts'

export interface SupervisorTerms extends Log {
  readonly pieces: Pieces
  readonly fork: () => Child
  readonly backoff?: BackoffTerms
}

export type Supervisor = Pick<Gateway, 'port' | 'operationsPort' | 'config' | 'reload' | 'drain'> & AsyncDisposable

/** Resolves once every worker listens. Throws a ConfigError when one cannot. */
export async function supervise(first: GatewayConfig, terms: SupervisorTerms): Promise<Supervisor> {
  await using stack = new AsyncDisposableStack()
  const lasting = stack.use(makeLasting(first, { ...terms, crew: alone }, { cacheEntries: () => 0 }))
  const { metrics } = lasting
  const counts = countWorkers(metrics, () => places)
  const startedWith = new Map<number, GatewayConfig>()
  let latest = first
  let buried: Figures = []
  let open = false
  let gate: LocalGate | null = null
  const host = new GateHost(() => gate!)

  const port = await reservePort(first)
  const places: readonly Place[] = Array.from({ length: first.workers.count }, (_, number) => openPlace(number))
  const keeper: Keeper<AsyncDisposable> = stack.use(await keep(first, tryOut, lasting))
  stack.defer(() => drainAll(0))
  await Promise.all(places.map((place) => place.open()))
  const operations = first.operations === undefined ? null : await listen(makeOperations(answer), first.operations, 'operations')
  stack.defer(() => void operations?.close().closeAllConnections())
  open = true
  const operationsPort = operations === null ? null : portOf(operations)
  terms.write('info', { event: 'started', port, operationsPort, workers: places.length }, 'workers are listening')
  const owned = stack.move()

  function openPlace(number: number): Place {
    return new Place({
      fork: terms.fork,
      start() {
        startedWith.set(number, latest)
        return { kind: 'start', number, size: first.workers.count, port, config: latest }
      },
      backoff: terms.backoff ?? usualBackoff,
      died(death) {
        counts.deaths.inc()
        terms.write('error', { event: 'worker', outcome: 'died', worker: number, ...death }, 'a worker died and will be replaced')
        const gone = places[number]?.takeFigures() ?? []
        void bury(buried, gone).then((sum) => (buried = sum))
      },
      up() {
        terms.write('info', { event: 'worker', outcome: 'up', worker: number }, 'a worker is up')
        // It may have been starting while the others were told of another configuration.
        if (startedWith.get(number) !== latest) void places[number]?.ask({ kind: 'reload', config: latest }, bounds.reloadMs)
      },
      word: (word) => passOn(word, number),
      wordLost: () => counts.wordsLost.inc(),
      gate: (call) => host.answer(number, call),
      left: () => host.left(number),
    })
  }

  function passOn({ topic, text, to }: Report & { readonly kind: 'word' }, from: number): void {
    for (const [number, place] of places.entries()) if (to === null ? number !== from : number === to) place.tell(from, topic, text)
  }

  /** What does not work here will not work in the workers either: they are only told of what is good. */
  async function tryOut(config: GatewayConfig): Promise<AsyncDisposable> {
    await using _trial = await makeDoor(config, lasting)
    latest = config
    gate = makeLocalGate(config, lasting)
    if (open) await Promise.all(places.map((place) => place.ask({ kind: 'reload', config }, bounds.reloadMs)))
    return { [Symbol.asyncDispose]: () => Promise.resolve() }
  }

  async function answer(request: OperationsRequest): Promise<OperationsAnswer> {
    const own = routes[`${request.method === 'HEAD' ? 'GET' : request.method} ${request.path}`]
    return own === undefined ? await answerOfAll(request) : await answerFrom(routes, request)
  }

  async function answerOfAll(request: OperationsRequest): Promise<OperationsAnswer> {
    const answers = await Promise.all(places.map((place) => place.ask({ kind: 'request', request })))
    const given = answers.map((each) => (each?.kind === 'answered' ? each.answer : nobody))
    return given.toSorted((a, b) => b.status - a.status)[0] ?? nobody
  }

  const routes: Routes = {
    'GET /health': () => ({ status: 200, body: 'alive\n' }),
    'GET /ready': () =>
      open && places.some(({ isUp }) => isUp) ? { status: 200, body: 'ready\n' } : { status: 503, body: 'not taking clients\n' },
    'GET /metrics': async () => ({ status: 200, body: await renderAll(), contentType: metrics.registry.contentType }),
  }

  async function renderAll(): Promise<string> {
    await Promise.all(places.map((place) => place.ask({ kind: 'figures' })))
    places.forEach(({ figures }, number) => counts.sessions.set({ worker: number }, valueOf(figures, 'orochi_gateway_sessions_active')))
    const own = (await metrics.figures()).filter(({ name }) => ownNames.has(name))
    const theirs = [...places.map(({ figures }) => figures), buried].map((part) => part.filter(({ name }) => !ownNames.has(name)))
    return await renderSum([...theirs, own])
  }

  async function drainAll(patienceMs: number): Promise<void> {
    await Promise.all(places.map((place) => place.drain(patienceMs)))
  }

  const drain = async (patienceMs: number): Promise<void> => {
    open = false
    terms.write('info', { event: 'draining' }, 'taking no more clients')
    await drainAll(patienceMs)
    await owned.disposeAsync()
    terms.write('info', { event: 'stopped' }, 'stopped')
  }

  return {
    port,
    operationsPort,
    config: () => keeper.config,
    reload: keeper.reload,
    drain,
    [Symbol.asyncDispose]: () => drain(0),
  }
}

const nobody: OperationsAnswer = { status: 503, body: 'a worker did not answer; ask again\n' }

/** Those of which the supervisor has the truth. */
const ownNames: ReadonlySet<string> = new Set([
  'orochi_gateway_config_reloads_total',
  'orochi_gateway_workers',
  'orochi_gateway_worker_deaths_total',
  'orochi_gateway_worker_words_lost_total',
  'orochi_gateway_worker_sessions_active',
  // The one gate's.
  'orochi_gateway_unauthenticated',
  'orochi_gateway_clients',
  'orochi_gateway_remembered_addresses',
  'orochi_gateway_limited_total',
  'orochi_gateway_addresses_blocked_total',
  'orochi_gateway_lease_store_up',
  'orochi_gateway_lease_store_losses_total',
  'orochi_gateway_lease_store_seconds',
])

function countWorkers({ registry }: Metrics, places: () => readonly Place[]) {
  const registers = [registry]
  const name = 'orochi_gateway_worker'
  const workers: Gauge = new Gauge({
    name: `${name}s`,
    help: 'Workers that are up',
    registers,
    collect: () => workers.set(places().filter(({ isUp }) => isUp).length),
  })
  return {
    deaths: new Counter({ name: `${name}_deaths_total`, help: 'Workers that died and were replaced', registers }),
    wordsLost: new Counter({ name: `${name}_words_lost_total`, help: 'Words to a worker that took none for too long', registers }),
    sessions: new Gauge({ name: `${name}_sessions_active`, help: 'Sessions by worker', labelNames: ['worker'], registers }),
  }
}

function valueOf(figures: Figures, name: string): number {
  return figures.find((figure) => figure.name === name)?.values[0]?.value ?? 0
}

/** Workers share a port; that nobody else has it is found out before. */
async function reservePort({ listen: address }: GatewayConfig): Promise<number> {
  const server: TcpServer = await listen(createServer(), { ...address, exclusive: true }, 'listen')
  const port = portOf(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}
