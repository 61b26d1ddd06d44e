/** Changes a cluster by a plan made of what it is at the moment: made anew when somebody else was faster. */
import { StoreError, type Store } from '../store/store.ts'
import type { ClusterRecord } from './record.ts'
import type { Change } from './transitions.ts'

/** Besides what else a plan says. */
interface Planned {
  /** Left out: all stays as it is. */
  readonly change?: Change | undefined
}

export interface Changed<P> {
  readonly plan: P
  readonly record: ClusterRecord
}

/** A plan that holds a `change` is carried out. Null: there is no such cluster. */
export type ChangeCluster = <P extends object>(id: string, plan: (record: ClusterRecord) => P) => Promise<Changed<P> | null>

const maxTries = 100

/** `onChanged` hears of what was written, after it was. */
export function makeChanger(store: Store, onChanged: (record: ClusterRecord, change: Change) => void): ChangeCluster {
  return async (id, plan) => {
    for (let tries = 0; tries < maxTries; tries++) {
      const record = await store.get(id)
      if (record === null) return null
      const planned = plan(record)
      const { change } = planned as Planned
      if (change === undefined) return { plan: planned, record }
      const written = await store.replace(change.record, change.events)
      if (written === null) continue
      onChanged(written, change)
      return { plan: planned, record: written }
    }
    throw new StoreError('unavailable', `cluster ${id} changes faster than it can be written`)
  }
}
