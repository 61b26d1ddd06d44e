/** A sharded database as one user reaches it: its shards, its servers, its statements, and how transactions over it end. */
import type { Logger } from 'pino'
import type { Desk } from '../client/desk.ts'
import type { ClientParameters } from '../client/parameters.ts'
import type { ServerConfig } from '../config.ts'
import type { Pieces } from '../pieces.ts'
import type { Place } from '../pool/pools.ts'
import { Refused } from '../refused.ts'
import type { Health, Watch } from '../replicas/watch.ts'
import { orochiShard, postgresShard, type Key, type KeyType, type ShardOf } from '../routing/hash.ts'
import { readKey } from '../routing/keys.ts'
import { Book } from '../schema/book.ts'
import { readCatalogue } from '../schema/read.ts'
import type { ServerConnection } from '../server/connection.ts'
import type { TwoPhase } from '../twophase/two-phase.ts'
import type { Branch } from './branch.ts'
import { commitOneByOne, type Decision } from './commit.ts'

export interface DomainOptions {
  readonly place: Place
  readonly pieces: Pieces
  readonly deadlineMs: number
  readonly log: Logger
  /** Null where there are no replicas. */
  readonly watch: Watch | null
  /** Null where nothing is committed in two phases. */
  readonly twoPhase: TwoPhase | null
}

export interface Connected {
  readonly connection: ServerConnection
  readonly server: ServerConfig
}

export class Domain {
  readonly place: Place
  readonly shards: number
  readonly shardOf: ShardOf
  readonly book: Book
  readonly #options: DomainOptions
  #turn = 0
  #reads = 0

  constructor(options: DomainOptions) {
    const { place, deadlineMs } = options
    this.#options = options
    const { shards, sharding } = place.database
    this.place = place
    this.shards = shards.length
    this.shardOf = options.pieces.shardOf(sharding.hash === 'orochi' ? orochiShard : postgresShard)
    this.book = new Book({
      sharded: sharding.tables,
      reference: sharding.reference,
      isSingle: shards.length === 1,
      read: async () => {
        const connection = await place.pool.checkOut(AbortSignal.timeout(deadlineMs))
        try {
          return await readCatalogue(connection, sharding.tables, deadlineMs)
        } finally {
          place.pool.put(connection)
        }
      },
    })
  }

  get allShards(): number[] {
    return Array.from({ length: this.shards }, (_, shard) => shard)
  }

  /** One after the other, for what any of them can do. */
  nextShard(): number {
    this.#turn = (this.#turn + 1) % this.shards
    return this.#turn
  }

  /** A connection that has this client's parameters. A replica that does not answer is passed over. */
  async connect(shard: number, wish: 'read' | 'write', desk: Desk, signal: AbortSignal, last?: ServerConfig): Promise<Connected> {
    const server = this.#serverFor(shard, wish, last)
    try {
      const connection = await desk.take(signal, this.place.poolOf(shard, server))
      return { connection, server }
    } catch (error) {
      if (server.role === 'primary' || !(error instanceof Refused) || !/^(?:08|57P)/.test(error.sqlstate)) throw error
      this.#options.watch?.suspect(server)
      return this.connect(shard, wish, desk, signal)
    }
  }

  #serverFor(shard: number, wish: 'read' | 'write', last: ServerConfig | undefined): ServerConfig {
    const { pieces, watch } = this.#options
    const { shards, split } = this.place.database
    const servers = shards[shard]?.servers ?? []
    const healthOf = (server: ServerConfig): Health => watch?.healthOf(server) ?? { well: false, lagMs: Infinity }
    return pieces.chooseServer(wish, { servers, split, healthOf, turn: this.#reads++, last })
  }

  commit(branches: readonly Branch[], deadlineMs: number): Promise<Decision> {
    const { pieces, twoPhase } = this.#options
    const { name, sharding } = this.place.database
    const writers = branches.filter(({ wrote }) => wrote).length
    if (!twoPhase || !sharding.twoPhaseCommit || !this.place.twoPhaseCommit || !pieces.usesTwoPhases(writers))
      return commitOneByOne(branches, deadlineMs)
    return twoPhase.coordinator.commit(branches, { database: name, user: this.place.user, deadlineMs })
  }

  /** The key that a parameter of the session gives to statements that have none. */
  sessionKey(parameters: ClientParameters, type: KeyType): Key | null {
    const { keyParameter } = this.place.database.sharding
    const value = keyParameter === undefined ? undefined : parameters.all().get(keyParameter.toLowerCase())
    if (value === undefined || value === '') return null
    const key = readKey({ form: 'text', bytes: Buffer.from(value, 'utf8') }, type, true)
    return typeof key === 'string' ? null : key
  }
}
