/** All sharded databases, each as each of its users reaches it. */
import type { Logger } from 'pino'
import type { Pieces } from '../pieces.ts'
import type { Place, Pools } from '../pool/pools.ts'
import { Domain } from './domain.ts'

export class Domains {
  readonly #pools: Pools
  readonly #pieces: Pieces
  readonly #deadlineMs: number
  readonly #log: Logger
  readonly #known = new Map<string, Domain>()

  constructor(pools: Pools, pieces: Pieces, deadlineMs: number, log: Logger) {
    this.#pools = pools
    this.#pieces = pieces
    this.#deadlineMs = deadlineMs
    this.#log = log
  }

  /** As it stands in the configuration now; one that has left it stays as it was for those who use it. */
  of(user: string, database: string): Domain {
    const key = JSON.stringify([user, database])
    const place = this.#pools.find(user, database)
    const known = this.#known.get(key)
    if (known && (place === null || known.place === place)) return known
    if (!place) throw new RangeError('the database is not in the configuration')
    const domain = this.#open(place)
    this.#known.set(key, domain)
    return domain
  }

  #open(place: Place): Domain {
    return new Domain({ place, pieces: this.#pieces, deadlineMs: this.#deadlineMs, log: this.#log })
  }
}
