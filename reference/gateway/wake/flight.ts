/** One waking of one cluster, shared by all who wait for it: its state is asked, it is woken once, and watched until it is ready. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Refusal } from '../reasons.ts'
import { ControlPlaneTrouble, type ClusterState, type ControlPlane } from './control-plane.ts'

export type Stage = 'asking' | 'waking' | 'connecting'

export interface FlightTerms {
  readonly cluster: string
  readonly controlPlane: ControlPlane
  readonly pollMs: number
  readonly onWake: () => void
}

/** A control plane that fails so often in a row will not be asked further. */
const maxTroubles = 5

export class Flight {
  readonly #terms: FlightTerms
  readonly #over = new AbortController()
  #passengers = 0
  #stage: Stage = 'asking'
  #isOver = false
  /** Rejects with a Refusal. */
  readonly landed: Promise<void>

  constructor(terms: FlightTerms) {
    this.#terms = terms
    this.landed = this.#fly()
    const over = () => (this.#isOver = true)
    this.landed.then(over, over)
  }

  get stage(): Stage {
    return this.#stage
  }

  join(): void {
    this.#passengers++
  }

  /** When nobody waits any more there is no reason to go on. True when that ended it. */
  leave(): boolean {
    if (--this.#passengers > 0 || this.#isOver) return false
    this.#over.abort()
    return true
  }

  async #fly(): Promise<void> {
    let asked = false
    for (;;) {
      const state = await this.#insist((plane, cluster, signal) => plane.state(cluster, signal))
      if (state.ready) return
      if (state.status === 'suspended' && !asked) {
        await this.#insist((plane, cluster, signal) => plane.wake(cluster, signal))
        this.#terms.onWake()
      }
      // Once asked for is enough, until it has been seen in another state and sleeps again.
      asked = state.status === 'suspended'
      this.#stage = 'waking'
      await this.#pause(state.retryAfterMs ?? this.#terms.pollMs)
    }
  }

  /** Asks again, later each time, as long as there is hope. */
  async #insist(ask: (plane: ControlPlane, cluster: string, signal: AbortSignal) => Promise<ClusterState>): Promise<ClusterState> {
    const { controlPlane, cluster, pollMs } = this.#terms
    for (let troubles = 0; ;) {
      try {
        return await ask(controlPlane, cluster, this.#over.signal)
      } catch (cause) {
        if (!(cause instanceof ControlPlaneTrouble)) throw cause
        if (cause.hopeless || ++troubles >= maxTroubles)
          throw new Refusal('upstream_wake_failed', { detail: `the control plane: ${cause.message}` })
        await this.#pause(cause.retryAfterMs ?? pollMs * 2 ** (troubles - 1))
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#over.signal }).catch(() => {
      throw new Refusal('upstream_wake_failed', { detail: 'nobody waits for it any more' })
    })
  }
}
