/** Clusters as they are wanted: new ones, and changes of what is wanted. */
import type { Branch, ClusterSpec } from '../api/cluster-schemas.ts'
import { waitForRestart } from '../settings.ts'
import type { ClusterRecord } from './record.ts'
import { touch, type Change, type Moment } from './transitions.ts'

export function reconfigure(record: ClusterRecord, spec: ClusterSpec, moment: Moment): Change {
  const waiting = record.state === 'suspended' && record.warmth === 'cold' ? [] : waitForRestart(record.spec.pooler, spec.pooler)
  const pendingRestart = [...new Set([...record.pendingRestart, ...waiting])].toSorted()
  const next = touch(record, moment, { spec, generation: record.generation + 1, pendingRestart })
  const message = describeChange(record.spec, spec)
  return { record: next, events: [{ kind: 'pooler.configured', message, cause: moment.cause }] }
}

function describeChange(before: ClusterSpec, after: ClusterSpec): string {
  const names = Object.keys(after.pooler) as (keyof ClusterSpec['pooler'])[]
  const changed = names.filter((name) => before.pooler[name] !== after.pooler[name])
  return changed.map((name) => `${name}: ${before.pooler[name]} → ${after.pooler[name]}`).join(', ')
}

export function newRecord(id: string, spec: ClusterSpec, nowMs: number): ClusterRecord {
  const times = { since: nowMs, createdAt: nowMs, updatedAt: nowMs }
  return {
    id,
    spec,
    generation: 1,
    appliedGeneration: 0,
    state: 'suspended',
    isReady: false,
    message: '',
    ...times,
    warmth: 'cold',
    operation: null,
    pendingRestart: [],
    failure: null,
    revision: 1,
  }
}

export function withBranch(spec: ClusterSpec, branch: Branch): ClusterSpec {
  return { ...spec, branches: [...spec.branches.filter(({ name }) => name !== branch.name), branch] }
}

export function withoutBranch(spec: ClusterSpec, name: string): ClusterSpec {
  return { ...spec, branches: spec.branches.filter((branch) => branch.name !== name) }
}
