/** A sharded database as one user reaches it: its shards, its servers, its statements, and how transactions over it end. */
import type { Logger } from 'pino'
import type { Desk } from '../client/desk.ts'
import type { ClientParameters } from '../client/parameters.ts'
import type { ServerConfig } from '../config.ts'
import type { Pieces } from '../pieces.ts'
import { primaryOf, type Place } from '../pool/pools.ts'
import { orochiShard, postgresShard, type Key, type KeyType, type ShardOf } from '../routing/hash.ts'
import { readKey } from '../routing/keys.ts'
import { Book } from '../schema/book.ts'
import { readCatalogue } from '../schema/read.ts'
import type { ServerConnection } from '../server/connection.ts'
import type { Branch } from './branch.ts'
import { commitOneByOne, type Decision } from './commit.ts'

export interface DomainOptions {
  readonly place: Place
  readonly pieces: Pieces
  readonly deadlineMs: number
  readonly log: Logger
}

export class Domain {
  readonly place: Place
  readonly shards: number
  readonly shardOf: ShardOf
  readonly book: Book
  #turn = 0

  constructor({ place, deadlineMs }: DomainOptions) {
    const { shards, sharding } = place.database
    this.place = place
    this.shards = shards.length
    this.shardOf = sharding.hash === 'orochi' ? orochiShard : postgresShard
    this.book = new Book({
      sharded: sharding.tables,
      reference: sharding.reference,
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

  /** A connection that has this client's parameters. */
  async connect(
    shard: number,
    wish: 'read' | 'write',
    desk: Desk,
    signal: AbortSignal,
  ): Promise<{ connection: ServerConnection; isReplica: boolean }> {
    const server = this.serverFor(shard, wish)
    const connection = await desk.take(signal, this.place.poolOf(shard, server))
    return { connection, isReplica: server.role === 'replica' }
  }

  serverFor(shard: number, _wish: 'read' | 'write'): ServerConfig {
    return primaryOf(this.place.database, shard)
  }

  commit(branches: readonly Branch[], deadlineMs: number): Promise<Decision> {
    return commitOneByOne(branches, deadlineMs)
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
