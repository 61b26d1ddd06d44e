/** The supervisor's end of the one gate: guests of all workers, counted together, and out of every count when their worker dies. */
import { Refusal } from '../reasons.ts'
import type { Source } from './address.ts'
import type { LocalGate, LocalGuest } from './gate.ts'
import type { GateAnswer, GateCall } from './gate-words.ts'

interface Visitor extends Disposable {
  /** Null: a proxy that has not said yet for whom it comes. */
  readonly guest: LocalGuest | null
  handshake: Disposable | null
}

const fine: GateAnswer = { kind: 'fine' }

export class GateHost {
  readonly #gateNow: () => LocalGate
  readonly #visitors = new Map<number, Map<number, Visitor>>()

  /** `gateNow` is that of the configuration in force: whoever came by another one goes on under that. */
  constructor(gateNow: () => LocalGate) {
    this.#gateNow = gateNow
  }

  /** Never rejects. */
  async answer(worker: number, call: GateCall): Promise<GateAnswer> {
    try {
      return await this.#do(worker, call)
    } catch (cause) {
      if (!(cause instanceof Refusal)) return { kind: 'refused', reason: 'internal_error', notes: { silent: true } }
      const { silent, unrecorded } = cause.notes
      const notes = { ...(silent === undefined ? {} : { silent }), ...(unrecorded === undefined ? {} : { unrecorded }) }
      return { kind: 'refused', reason: cause.reason, notes }
    }
  }

  /** Its process is gone, and everybody with it. */
  left(worker: number): void {
    for (const visitor of this.#visitors.get(worker)?.values() ?? []) visitor[Symbol.dispose]()
    this.#visitors.delete(worker)
  }

  /** Of all workers. */
  get size(): number {
    return this.#visitors.values().reduce((sum, each) => sum + each.size, 0)
  }

  async #do(worker: number, call: GateCall): Promise<GateAnswer> {
    if ('source' in call) return this.#enter(worker, call)
    const visitor = this.#visitors.get(worker)?.get(call.guest)
    if (visitor === undefined) return fine
    if (call.op === 'leave') {
      this.#visitors.get(worker)?.delete(call.guest)
      visitor[Symbol.dispose]()
      return fine
    }
    return visitor.guest === null ? fine : await serve(visitor, visitor.guest, call)
  }

  #enter(worker: number, { op, guest: number, source }: GateCall & { readonly source: Source }): GateAnswer {
    const [guest, place] = op === 'header' ? [null, this.#gateNow().awaitHeader(source)] : pair(this.#gateNow().arrive(source))
    const visitor: Visitor = {
      guest,
      handshake: null,
      [Symbol.dispose]() {
        this.handshake?.[Symbol.dispose]()
        place[Symbol.dispose]()
      },
    }
    this.#visitors.set(worker, (this.#visitors.get(worker) ?? new Map<number, Visitor>()).set(number, visitor))
    return { kind: 'arrived', objection: guest?.objection === true }
  }
}

const pair = (guest: LocalGuest): readonly [LocalGuest, Disposable] => [guest, guest]

async function serve(visitor: Visitor, guest: LocalGuest, call: Exclude<GateCall, { readonly source: Source }>): Promise<GateAnswer> {
  if (call.op === 'welcome') guest.welcome()
  if (call.op === 'handshake') visitor.handshake = guest.beginHandshake()
  if (call.op === 'handshaken') visitor.handshake?.[Symbol.dispose]()
  if (call.op === 'cancel') return { kind: 'cancel', ...guest.askToCancel() }
  if (call.op === 'refused') guest.refused(call.failure)
  if (call.op === 'seat') await guest.seat(call.tenant, call.places)
  return fine
}
