/** Records of clusters for tests. */
import { ClusterSpec } from '../api/cluster-schemas.ts'
import type { ClusterRecord } from '../clusters/record.ts'

export function makeRecord(id: string, change: Partial<ClusterRecord> = {}): ClusterRecord {
  return {
    id,
    spec: ClusterSpec.parse({}),
    generation: 1,
    appliedGeneration: 1,
    state: 'suspended',
    isReady: false,
    message: '',
    since: 0,
    createdAt: 0,
    updatedAt: 0,
    warmth: 'cold',
    operation: null,
    pendingRestart: [],
    failure: null,
    revision: 1,
    ...change,
  }
}
