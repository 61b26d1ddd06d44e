/** All sharded databases, each as each of its users reaches it. */
import type { Logger } from 'pino'
import type { RouterConfig } from '../config.ts'
import type { Pieces } from '../pieces.ts'
import type { Place, Pools } from '../pool/pools.ts'
import { Watch } from '../replicas/watch.ts'
import type { TwoPhase } from '../twophase/two-phase.ts'
import { Domain } from './domain.ts'

export interface DomainsOptions {
  readonly config: RouterConfig
  readonly pools: Pools
  readonly pieces: Pieces
  readonly log: Logger
  readonly twoPhase: TwoPhase | null
}

export class Domains implements AsyncDisposable {
  readonly #options: DomainsOptions
  #watches: ReadonlyMap<string, Watch>
  readonly #known = new Map<string, Domain>()

  constructor(options: DomainsOptions) {
    this.#options = options
    this.#watches = watchesFor(options)
  }

  watchOf(database: string): Watch | null {
    return this.#watches.get(database) ?? null
  }

  /** Servers are watched anew; domains follow when they are asked for. */
  async reload(config: RouterConfig): Promise<void> {
    const old = this.#watches
    this.#watches = watchesFor({ ...this.#options, config })
    await Promise.all([...old.values()].map((watch) => watch[Symbol.asyncDispose]()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#watches.values()].map((watch) => watch[Symbol.asyncDispose]()))
  }

  /** As it stands in the configuration now; one that has left it stays as it was for those who use it. */
  of(user: string, database: string): Domain {
    const key = JSON.stringify([user, database])
    const place = this.#options.pools.find(user, database)
    const known = this.#known.get(key)
    if (known && (place === null || known.place === place)) return known
    if (!place) throw new RangeError('the database is not in the configuration')
    const domain = this.#open(place)
    this.#known.set(key, domain)
    return domain
  }

  #open(place: Place): Domain {
    const { pieces, config, log, twoPhase } = this.#options
    return new Domain({ place, pieces, log, twoPhase, deadlineMs: config.pool.connectTimeoutMs, watch: this.watchOf(place.database.name) })
  }
}

/** Databases with replicas; the first user asks. */
function watchesFor({ config, log }: Pick<DomainsOptions, 'config' | 'log'>): Map<string, Watch> {
  const [user] = config.users
  const watched = config.databases.filter(({ shards }) => shards.some(({ servers }) => servers.length > 1))
  if (!user) return new Map()
  const credentials = { user: user.name, password: user.password }
  return new Map(watched.map((database) => [database.name, new Watch({ database, credentials, log })]))
}
