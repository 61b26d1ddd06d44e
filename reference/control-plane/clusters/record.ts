/** What is kept of a cluster: as it is wanted, as it is, and what is being done about the difference. */
import type { ClusterSpec, ClusterState, PoolerConfig } from '../api/cluster-schemas.ts'
import type { WakeEvent } from '../api/pooler-schemas.ts'
import type { Warmth } from '../provisioner.ts'

export type OperationKind = 'create' | 'wake' | 'suspend' | 'delete'

/** Something that takes time and is gone on with by whoever leads; one for each cluster, at most. Times are ms since 1970. */
export interface Operation {
  readonly id: string
  readonly kind: OperationKind
  /** `draining`: open transactions are waited for, and it can still be called off. */
  readonly phase: 'running' | 'draining'
  readonly startedAt: number
  readonly deadlineAt: number
  readonly attempt: number
  readonly cause: string
  readonly warmth: Warmth
  /** Somebody asked for it to be awake, too late to call the suspension off. */
  readonly thenWake: boolean
  /** Open transactions are cut off at the end of the drain. */
  readonly force: boolean
}

export interface Failure {
  readonly at: number
  readonly message: string
  readonly retryable: boolean
}

export interface ClusterRecord {
  readonly id: string
  readonly spec: ClusterSpec
  /** Counts changes of `spec`. */
  readonly generation: number
  readonly appliedGeneration: number
  readonly state: ClusterState
  readonly isReady: boolean
  readonly message: string
  /** Since when it is in this state. */
  readonly since: number
  readonly createdAt: number
  readonly updatedAt: number
  /** What it sleeps in, or was woken from. */
  readonly warmth: Warmth
  readonly operation: Operation | null
  readonly pendingRestart: readonly (keyof PoolerConfig)[]
  /** Of the last waking, until one succeeds. */
  readonly failure: Failure | null
  /** Counts all changes: who writes says which one he read. */
  readonly revision: number
}

/** An event that is not written yet; cluster, number, and state are those of the record it is written with. */
export interface NewEvent {
  readonly kind: WakeEvent['kind']
  readonly message: string
  readonly operationId?: string
  readonly cause?: string
  readonly warmth?: Warmth
  readonly durationMs?: number
}

export function eventOf(record: ClusterRecord, event: NewEvent, id: number): WakeEvent {
  return {
    id,
    cluster_id: record.id,
    at: new Date(record.updatedAt).toISOString(),
    kind: event.kind,
    state: record.state,
    is_ready: record.isReady,
    message: event.message,
    operation_id: event.operationId ?? null,
    cause: event.cause ?? null,
    warmth: event.warmth ?? null,
    duration_ms: event.durationMs ?? null,
  }
}
