/** What a platform must be able to do so that clusters can be deployed, put to sleep and woken on it. */
import type { ClusterSpec } from './api/cluster-schemas.ts'

/** A cluster as it is wanted. */
export interface WantedCluster {
  readonly id: string
  readonly spec: ClusterSpec
  /** Counts the changes of `spec`: what was rendered for a lower one is stale. */
  readonly generation: number
}

/** `warm`: something that is quick to wake is kept; `cold`: nothing runs. */
export type Warmth = 'warm' | 'cold'

export interface PostgresObservation {
  /** Each server has answered a query just now; nothing less. */
  readonly ready: boolean
  readonly message: string
  /** Null: the platform cannot tell. */
  readonly openTransactions: number | null
}

export interface PoolerObservation {
  readonly name: string
  readonly ready: boolean
  readonly message: string
  /** Which generation of the settings it started with or was reloaded to; null: unknown. */
  readonly generation: number | null
}

export interface Observation {
  readonly state: 'absent' | 'stopped' | 'starting' | 'running' | 'stopping'
  readonly postgres: PostgresObservation
  readonly poolers: readonly PoolerObservation[]
}

export interface ReloadOutcome {
  readonly instance: string
  readonly reloaded: boolean
  readonly message: string
}

/** Where an instance can be asked. Never shown to clients: `admin` may hold a password. */
export interface InstanceEndpoint {
  readonly part: 'pooler' | 'gateway'
  readonly name: string
  /** `http://…/metrics`; null: it has none. */
  readonly metrics: string | null
  /** `postgres://…` of its admin database; null: it has none. */
  readonly admin: string | null
}

/**
 * Every call may be repeated, by another process too: what is done already is done again without harm. Every call ends soon after its signal
 * fires, and throws a ProvisionerError and nothing else.
 */
export interface Provisioner {
  /** `exec`, `kubernetes`, … */
  readonly kind: string
  /** Makes what the cluster consists of as `spec` wants it, its pooler included. Starts nothing that sleeps. */
  apply(cluster: WantedCluster, signal: AbortSignal): Promise<void>
  /** Nothing of it is left; true also for one that never was. */
  remove(clusterId: string, signal: AbortSignal): Promise<void>
  /** Resolves when the platform has taken the order, not when the cluster is ready: that is for `observe` to say. */
  resume(cluster: WantedCluster, warmth: Warmth, signal: AbortSignal): Promise<void>
  /** Resolves when nothing serves any more. Cuts off what is under way. */
  suspend(cluster: WantedCluster, warmth: Warmth, signal: AbortSignal): Promise<void>
  observe(cluster: WantedCluster, signal: AbortSignal): Promise<Observation>
  /** Makes every pooler instance read its settings again. An instance that fails is an outcome, no error. */
  reload(cluster: WantedCluster, signal: AbortSignal): Promise<readonly ReloadOutcome[]>
  endpoints(cluster: WantedCluster, signal: AbortSignal): Promise<readonly InstanceEndpoint[]>
}

/** The message is for people and may be shown to clients: no secrets in it. */
export class ProvisionerError extends Error {
  /** Whether the same call may succeed later without anybody doing anything. */
  readonly retryable: boolean

  constructor(message: string, { retryable, cause }: { readonly retryable: boolean; readonly cause?: unknown }) {
    super(message, cause === undefined ? {} : { cause })
    this.name = 'ProvisionerError'
    this.retryable = retryable
  }
}
