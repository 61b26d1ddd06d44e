/**
 * Load that comes when it comes: each arrival has its instant, and its time counts from there, whether or not a connection was free to
 * carry it. A system that stalls is charged for everybody who came meanwhile.
 */
import type { Block } from './block.ts'
import { carriersOf, dismiss, type Carrier } from './carrier.ts'
import type { Crowd } from './crowd.ts'
import { wallMs, type Pacer } from './pacer.ts'

/** Until the first arrival. */
const leadMs = 5
/** After the last arrival: who has no answer by then is dropped. */
const patienceMs = 5_000

/** `due`: offsets in ms, as `arrivals` makes them. */
export async function openLoop(crowd: Crowd, pacer: Pacer, due: Float64Array): Promise<Block> {
  const flow = new Flow(crowd, due)
  await pacer.pace(flow.origin, due, (count) => flow.notice(count))
  const late = setTimeout(flow.end.resolve, patienceMs)
  await flow.end.promise
  clearTimeout(late)
  dismiss(crowd)
  return flow.block()
}

class Flow {
  readonly origin = wallMs() + leadMs
  readonly end = Promise.withResolvers<void>()
  readonly #due: Float64Array
  readonly #times: Float64Array
  readonly #lateness: Float64Array
  readonly #idle: Carrier[]
  /** Where in `#idle` the one lies that has waited longest: all connections are used in turn. */
  #longest = 0
  #answered = 0
  #errors = 0
  #trouble = ''
  #known = 0
  #sent = 0
  #lost = 0

  constructor(crowd: Crowd, due: Float64Array) {
    this.#due = due
    this.#times = new Float64Array(due.length)
    this.#lateness = new Float64Array(due.length)
    this.#idle = [
      ...carriersOf(
        crowd,
        (operation, refused, carrier) => this.#done(operation, refused, carrier),
        () => this.#loseOne(crowd.clients.length),
      ),
    ]
    if (due.length === 0) this.end.resolve()
  }

  notice(count: number): void {
    const now = wallMs() - this.origin
    for (; this.#known < count; this.#known++) this.#lateness[this.#known] = now - this.#due[this.#known]!
    this.#serve()
  }

  #serve(): void {
    while (this.#sent < this.#known && this.#longest < this.#idle.length) this.#idle[this.#longest++]!.carry(this.#sent++)
    if (this.#longest < 1024) return
    this.#idle.splice(0, this.#longest)
    this.#longest = 0
  }

  #done(operation: number, refused: string, carrier: Carrier): void {
    if (refused === '') this.#times[this.#answered++] = wallMs() - this.origin - this.#due[operation]!
    else this.#fail(refused)
    this.#idle.push(carrier)
    if (this.#answered + this.#errors === this.#due.length) this.end.resolve()
    this.#serve()
  }

  #fail(refused: string): void {
    this.#errors++
    this.#trouble ||= refused
  }

  #loseOne(all: number): void {
    this.#trouble ||= 'a connection was closed'
    if (++this.#lost === all) this.end.resolve()
  }

  block(): Block {
    return {
      times: this.#times.slice(0, this.#answered),
      scheduled: this.#due.length,
      sent: this.#sent,
      dropped: this.#due.length - this.#answered - this.#errors,
      errors: this.#errors,
      trouble: this.#trouble,
      lateness: this.#lateness,
      elapsedMs: wallMs() - this.origin,
    }
  }
}
