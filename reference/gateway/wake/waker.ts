/** Lets a session that finds its cluster asleep wait until it is awake, and connect then. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Deadline } from '../deadline.ts'
import { Refusal } from '../reasons.ts'
import type { ControlPlane } from './control-plane.ts'
import { Flight, type Stage } from './flight.ts'
import { FairQueue, type QueueTerms, type Seat } from './queue.ts'
import type { WakeMetrics } from './metrics.ts'

export interface WakerTerms {
  readonly controlPlane: ControlPlane
  readonly deadlineMs: number
  readonly pollMs: number
  readonly noticeMs: number
  readonly queue: QueueTerms
  readonly metrics: WakeMetrics
}

export interface Errand<T> {
  readonly cluster: string
  readonly tenant: string
  /** Fires when nobody wants it any more. */
  readonly signal: AbortSignal
  /** Connects; throws a Refusal. Must end within a time of its own. */
  readonly connect: () => Promise<T>
  /** Called now and then while it waits. */
  readonly tell: (stage: Stage) => void
}

/** An awake cluster whose pooler is still not there is tried so often. */
const maxTries = 5
const firstPauseMs = 100
/** After a waking that failed, who comes within this time is told so at once. */
const coolDownMs = 1000

export interface Wakes {
  /** Connects at once where that works. Throws a Refusal. */
  run<T>(errand: Errand<T>): Promise<T>
}

export class Waker implements Wakes {
  readonly #terms: WakerTerms
  readonly #queue: FairQueue
  readonly #flights = new Map<string, Flight>()

  constructor(terms: WakerTerms) {
    this.#terms = terms
    this.#queue = new FairQueue(terms.queue)
  }

  async run<T>(errand: Errand<T>): Promise<T> {
    if (!this.#flights.has(errand.cluster)) {
      try {
        return await errand.connect()
      } catch (cause) {
        if (!mayBeAsleep(cause)) throw cause
      }
    }
    return await this.#wait(errand)
  }

  async #wait<T>(errand: Errand<T>): Promise<T> {
    const { deadlineMs, metrics } = this.#terms
    using seat = this.#queue.enter(errand.tenant)
    using deadline = new Deadline(deadlineMs, () => new Refusal('upstream_wake_timeout'))
    const flight = this.#board(errand.cluster)
    using _told = this.#keepTelling(errand, flight)
    metrics.waiting(1)
    const gone = Promise.withResolvers<never>()
    const leave = () => gone.reject(new Refusal('client_gone', { silent: true }))
    errand.signal.addEventListener('abort', leave, { once: true })
    if (errand.signal.aborted) leave()
    try {
      await deadline.race(Promise.race([flight.landed, seat.evicted, gone.promise]))
      return await deadline.race(Promise.race([connectInTurn(errand, seat), seat.evicted, gone.promise]))
    } finally {
      errand.signal.removeEventListener('abort', leave)
      metrics.waiting(-1)
      if (flight.leave()) this.#forget(errand.cluster, flight)
    }
  }

  /** The flight that is under way, or a new one. */
  #board(cluster: string): Flight {
    const { controlPlane, pollMs, metrics } = this.#terms
    const underWay = this.#flights.get(cluster)
    if (underWay !== undefined) return (underWay.join(), underWay)
    const startedAt = performance.now()
    const flight = new Flight({ cluster, controlPlane, pollMs, onWake: () => metrics.woken(cluster) })
    this.#flights.set(cluster, flight)
    const forget = () => this.#forget(cluster, flight)
    flight.landed.then(
      () => (metrics.took((performance.now() - startedAt) / 1000), forget()),
      () => setTimeout(forget, coolDownMs).unref(),
    )
    flight.join()
    return flight
  }

  #forget(cluster: string, flight: Flight): void {
    if (this.#flights.get(cluster) === flight) this.#flights.delete(cluster)
  }

  #keepTelling<T>({ tell }: Errand<T>, flight: Flight): Disposable {
    const { noticeMs } = this.#terms
    if (noticeMs === 0) return { [Symbol.dispose]: () => {} }
    let landed = false
    flight.landed.then(
      () => (landed = true),
      () => {},
    )
    const timer = setInterval(() => tell(landed ? 'connecting' : flight.stage), noticeMs)
    return { [Symbol.dispose]: () => clearInterval(timer) }
  }
}

/** The state may run ahead of the truth: a pooler that is not there yet is tried again, not for ever. */
async function connectInTurn<T>({ connect, signal }: Errand<T>, seat: Seat): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      using _turn = await seat.turn()
      return await connect()
    } catch (cause) {
      if (!mayBeAsleep(cause) || signal.aborted) throw cause
      if (tries === maxTries) throw new Refusal('upstream_wake_failed', { detail: `awake, it is said, but: ${(cause as Error).message}` })
    }
    await sleep(firstPauseMs * 2 ** (tries - 1))
  }
}

/** Nobody there, no answer, or one that starts up: what waking may mend. */
export function mayBeAsleep(cause: unknown): boolean {
  if (!(cause instanceof Refusal)) return false
  const { reason, notes } = cause
  if (reason === 'upstream_timeout') return true
  return reason === 'upstream_unavailable' && (notes.sqlstate === undefined || notes.sqlstate === '57P03')
}
