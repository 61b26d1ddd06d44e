/** A Topology is a wish in plain data: which parts the system shall have, how many of each, and how they are set. */
import type { PoolerKind } from '../spec/entry.ts'
import type { ForeignGateway } from './foreign/foreign-gateway.ts'

export interface PostgresWish {
  /** Major version. */
  readonly version: 14 | 15 | 16 | 17 | 18
  /** postgresql.conf settings beyond the harness's own. */
  readonly settings: Readonly<Record<string, string>>
  /** How many replicas must have a commit before it is acknowledged; 0: none is waited for. */
  readonly synchronous: number
  /** The databases of each server lie on a disk of their own of so many MB, which can be filled (as root only); null: on the common one. */
  readonly diskMb: number | null
}

export type PoolMode = 'transaction' | 'session' | 'statement'

export interface PoolerWish {
  readonly kind: PoolerKind
  readonly instances: number
  /** When a client gives its server connection up: after each transaction, when it leaves, or after each statement. */
  readonly mode: PoolMode
  /** Server connections per user and database. */
  readonly poolSize: number
  /** So many are opened ahead and kept. */
  readonly minPoolSize: number
  /** Unused server connections beyond those are closed after this, ms. */
  readonly idleTimeoutMs: number
  /** How long the pooler tries to reach a server, ms. */
  readonly connectTimeoutMs: number
  /** How long a client waits for a server connection, ms. */
  readonly waitTimeoutMs: number
  /** How long a server may owe an answer and say nothing, ms; 0: as long as it likes. */
  readonly answerTimeoutMs: number
  /** Which server of a shard is its primary: `told` for good by its configuration, or `found` by asking them, so that a promoted one is noticed. */
  readonly roles: 'told' | 'found'
  /** It talks to servers over TLS, and only to those whose certificate is of the stack's authority and for their host. */
  readonly verifyServers: boolean
  /** Further keys, in the pooler's own names, laid over the generated configuration. */
  readonly settings: Readonly<Record<string, unknown>>
}

/** The widths of integers count: the reference hash tells them apart. */
export type KeyType = 'int2' | 'int4' | 'int8' | 'text' | 'uuid'

export interface ShardedTable {
  readonly name: string
  /** The sharding key. */
  readonly column: string
  readonly type: KeyType
}

export interface ShardingWish {
  /** Which function names the shard of a key: `orochi` is CRC-32 modulo the number of shards, `own` what the pooler does by itself. */
  readonly hash: 'orochi' | 'own'
  readonly tables: readonly ShardedTable[]
  /** Tables with the same rows on every shard. */
  readonly reference: readonly string[]
  /** Where a statement's key comes from if it names none itself: `token` is the tenant of the session; `statement`: there is none then. */
  readonly keyFrom: 'statement' | 'token'
  /** PgDog is told to split an INSERT of several rows and to move a row whose key changes: it does neither as it comes. */
  readonly splitInserts: boolean
  /** Writes to several shards are committed in two phases, with a durable log. */
  readonly twoPhaseCommit: boolean
}

export interface SplitWish {
  /** Servers that answer plain reads: `any` includes the primary, `replicas` leaves it out. */
  readonly reads: 'any' | 'replicas'
  /** A replica that is further behind gets no reads, ms; null: nobody looks. */
  readonly maxLagMs: number | null
  /** A client keeps to one replica as long as that is well. */
  readonly sticky: boolean
}

/** A pooled database role beyond the tenants' common one, with connections of its own. */
export interface PoolWish {
  /** The database role. */
  readonly user: string
  /** What tokens call it. */
  readonly role: string
  /** Only tokens of this tenant get it; left out: all tokens with the role. */
  readonly tenant?: string
  /** Where its connections differ from those of all. */
  readonly poolSize?: number
  readonly mode?: PoolMode
  /** Whether what it writes on several shards is committed in two phases. */
  readonly twoPhaseCommit?: boolean
}

export interface GatewayWish {
  readonly instances: number
  readonly cacheEntries: number
  readonly cacheTtlSeconds: number
  readonly leewaySeconds: number
  readonly requiredClaims: readonly string[]
  /** All gateways count the connections of tenants together, in a database beside the first shard's. */
  readonly leaseStore: boolean
  readonly settings: Readonly<Record<string, unknown>>
  /** Further files beside its configuration, which names them as `{file:NAME}`. */
  readonly files: Readonly<Record<string, string>>
  /** In place of the reference gateway. */
  readonly foreign?: ForeignGateway
}

export interface ControlPlaneWish {
  /** How long gateways let clients wait for the cluster, ms. */
  readonly wakeDeadlineMs: number
}

export interface Topology {
  /** Branches beside `main`: each is a database of its own, told apart by host name (`{cluster}.{branch}.db.orochi.test`). */
  readonly branches: readonly string[]
  /** Shards are databases, numbered from 0. */
  readonly shards: number
  /** Postgres servers the shards lie on (a server each unless fewer are asked for). */
  readonly servers: number
  /** Streaming replicas per server. */
  readonly replicas: number
  readonly postgres: PostgresWish
  /** Counts from two shards on. */
  readonly sharding: ShardingWish
  /** Counts where there are replicas. */
  readonly split: SplitWish
  readonly pooler: PoolerWish | null
  readonly pools: readonly PoolWish[]
  readonly gateway: GatewayWish | null
  /** A control plane with this stack as its one cluster, which the gateways wake by it; null: nothing sleeps. */
  readonly controlPlane: ControlPlaneWish | null
  /** `recorded`: parts talk over Links; `direct`: no Link in between (measurements). */
  readonly links: 'recorded' | 'direct'
  /** Programs run in place of a reference part: `{ gateway: 'liars/gateway-forgets-exp.ts' }`; `sql` writes the set-up of a database, `client` speaks Postgres and `failover` changes primaries for scenarios. */
  readonly programs: Readonly<Partial<Record<'gateway' | 'router' | 'sql' | 'client' | 'failover' | 'control-plane', string>>>
}

/** A wish laid over the default: nested records are merged, the rest replaced. */
export type TopologyWish = {
  readonly [K in keyof Topology]?: Topology[K] extends readonly unknown[]
    ? Topology[K]
    : Topology[K] extends object | null
      ? Partial<NonNullable<Topology[K]>> | (null extends Topology[K] ? null : never)
      : Topology[K]
}
