/** What every pooler is told, whichever it is: where the servers are and whose connections it pools. */
import type { Address } from '../launch.ts'
import type { PoolerWish, PoolWish, ShardingWish, SplitWish } from '../topology.ts'

export interface ShardServer extends Address {
  readonly role: 'primary' | 'replica'
  /** Name of the database on the server. */
  readonly database: string
}

/** A user with a pool of its own; what is left out is as for all. */
export interface FurtherUser extends Pick<PoolWish, 'user' | 'poolSize' | 'mode' | 'twoPhaseCommit'> {
  readonly password: string
}

export interface PoolerPlan {
  readonly instance: number
  readonly wish: PoolerWish
  /** What clients call the database. */
  readonly database: string
  /** Shard number → its servers, the primary first. */
  readonly shards: readonly (readonly ShardServer[])[]
  /** Databases of branches, by what clients call them: the primary first. */
  readonly branches: Readonly<Record<string, readonly ShardServer[]>>
  readonly sharding: ShardingWish
  readonly split: SplitWish
  readonly user: string
  readonly password: string
  /** Users with pools of their own beside it. */
  readonly further: readonly FurtherUser[]
  readonly adminPassword: string
  /** Program run in place of the reference router. */
  /** Authority of the servers' certificates (PEM). */
  readonly ca: string
  readonly program: string | null
}

export const poolerName = (instance: number) => `pooler-${instance}`

/** What a pooler is told of a server's role. */
export const roleIn = ({ roles }: Pick<PoolerWish, 'roles'>, role: ShardServer['role']) => (roles === 'found' ? 'auto' : role)
