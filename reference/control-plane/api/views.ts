/** What is shown of a record. */
import type { ClusterRecord } from '../clusters/record.ts'
import type { Observation } from '../provisioner.ts'
import type { Cluster, ClusterStatus } from './cluster-schemas.ts'
import type { PoolerStatus } from './pooler-schemas.ts'

const iso = (ms: number) => new Date(ms).toISOString()

export function statusOf(record: ClusterRecord): ClusterStatus {
  const { id, state, isReady, message, since, operation } = record
  return {
    cluster_id: id,
    state,
    status: state === 'active' ? 'running' : state,
    is_ready: isReady,
    message,
    since: iso(since),
    operation:
      operation === null
        ? null
        : {
            id: operation.id,
            kind: operation.kind,
            started_at: iso(operation.startedAt),
            deadline_at: iso(operation.deadlineAt),
            attempt: operation.attempt,
          },
  }
}

export function clusterOf(record: ClusterRecord): Cluster {
  const { id, spec, generation, createdAt, updatedAt } = record
  return { id, spec, generation, status: statusOf(record), created_at: iso(createdAt), updated_at: iso(updatedAt) }
}

/** `observed`: null when the instances could not be looked at. */
export function poolerOf(record: ClusterRecord, observed: Observation | null): PoolerStatus {
  const { spec, state, isReady, message, generation, appliedGeneration, pendingRestart } = record
  return {
    ...spec.pooler,
    status: {
      state,
      is_ready: isReady,
      message,
      generation,
      applied_generation: appliedGeneration,
      pending_restart: [...pendingRestart],
      instances: (observed?.poolers ?? []).map((instance) => ({ ...instance })),
    },
  }
}

/** What the gateway is told: the four fields that it was promised. */
export function internalOf(record: ClusterRecord): { state: { cluster_id: string; status: string; is_ready: boolean; message: string } } {
  const { cluster_id, status, is_ready, message } = statusOf(record)
  return { state: { cluster_id, status, is_ready, message } }
}
