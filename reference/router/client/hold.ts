/** A client's hold on a server connection, from the first message of a transaction to its end, and what is known to have changed meanwhile. */
import type { Effects } from '../sql/effects.ts'
import type { ServerConnection } from '../server/connection.ts'
import { changesMeaning } from './parameters.ts'
import type { Deallocation } from './statements.ts'

let serials = 0

export class Hold {
  readonly connection: ServerConnection
  /** Tells this hold from all others. */
  readonly serial = ++serials
  /** Parameters that may have changed; their values are asked for at the end. */
  readonly touched = new Set<string>()
  readonly #reset = new Set<string>()
  #resetAll = false
  /** Statements prepared by SQL: they bind the client to this very connection. */
  prepared = 0
  /** Statements whose DEALLOCATE is on its way. */
  readonly deallocating: Deallocation[] = []
  /** A RESET is on its way whose start-up values must be put back. */
  restoreDue = false
  /** Only a part of a CopyData message has been sent. */
  insideMessage = false

  constructor(connection: ServerConnection) {
    this.connection = connection
  }

  get pinned(): boolean {
    return this.prepared > 0
  }

  get reset(): ReadonlySet<string> | 'all' {
    return this.#resetAll ? 'all' : this.#reset
  }

  /** Statements are understood in a way no other session can know of. */
  get meaningChanged(): boolean {
    return this.#resetAll || [...this.touched].some(changesMeaning)
  }

  /** Notes what a statement that is sent now may change; `known` are the parameters of the client so far. */
  note(effects: Effects, known: () => Iterable<string>): void {
    for (const name of effects.set) this.touched.add(name)
    if (effects.reset === 'all') {
      this.#resetAll = true
      for (const name of known()) this.touched.add(name)
    } else for (const name of effects.reset) this.#noteReset(name)
    if (effects.reset === 'all' || effects.reset.size > 0) this.restoreDue = true
  }

  #noteReset(name: string): void {
    this.touched.add(name)
    this.#reset.add(name)
  }
}
