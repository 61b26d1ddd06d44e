/** One connection at work: it carries an operation through its steps and says when it is done. */
import type { GeneratorClient } from './client.ts'
import type { Crowd } from './crowd.ts'
import type { Statement } from './statements.ts'

/** Told at the end of each operation; the text is that of the first error, empty if there was none. */
export type OnDone = (operation: number, refused: string, carrier: Carrier) => void

export class Carrier {
  readonly #client: GeneratorClient
  readonly #statement: Statement
  readonly #onDone: OnDone
  #steps: readonly Buffer[] = []
  #step = 0
  #operation = -1
  #refused = ''
  /** When its operation began, for whoever keeps time by it; ms. */
  since = 0

  constructor(client: GeneratorClient, statement: Statement, onDone: OnDone, onLost: () => void) {
    this.#client = client
    this.#statement = statement
    this.#onDone = onDone
    client.onAnswer = (refused) => this.#answered(refused)
    client.onLost = onLost
  }

  carry(operation: number): void {
    this.#operation = operation
    this.#step = 0
    this.#refused = ''
    this.#steps = this.#statement.steps(operation)
    this.#client.send(this.#steps[0]!)
  }

  #answered(refused: string): void {
    if (this.#refused === '') this.#refused = refused
    this.#step++
    if (this.#step < this.#steps.length) this.#client.send(this.#steps[this.#step]!)
    else this.#onDone(this.#operation, this.#refused, this)
  }
}

export function carriersOf({ clients, statement }: Crowd, onDone: OnDone, onLost: () => void): readonly Carrier[] {
  return clients.map((client) => new Carrier(client, statement, onDone, onLost))
}

/** The connections stand ready again, and nobody listens. */
export function dismiss({ clients }: Crowd): void {
  for (const client of clients) client.onAnswer = client.onLost = () => {}
}
