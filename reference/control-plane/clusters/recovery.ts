/** Goes on with what a process that led before left undone. */
import type { Store } from '../store/store.ts'
import type { ChangeCluster } from './changer.ts'
import type { ClusterRecord, Operation } from './record.ts'
import { takeUp } from './transitions.ts'

export interface RecoveryTerms {
  readonly store: Store
  /** What is changed by it is followed: whoever changed the record runs its operation. */
  readonly change: ChangeCluster
  readonly now: () => number
}

export type TakeUpAll = (terms: RecoveryTerms) => Promise<void>

const pageSize = 200

/** Every operation in the store; one whose time is over is tried once more and then fails. */
export const takeUpAll: TakeUpAll = async (terms) => {
  for (let after = ''; ;) {
    const page = await terms.store.list(after, pageSize)
    for (const { id, operation } of page) if (operation !== null) await takeUpOne(terms, id, operation)
    const last = page.at(-1)
    if (last === undefined) return
    after = last.id
  }
}

async function takeUpOne({ change, now }: RecoveryTerms, id: string, { id: wanted, cause }: Operation): Promise<void> {
  await change(id, (record: ClusterRecord) => {
    const { operation } = record
    if (operation?.id !== wanted) return {}
    return { change: takeUp(record, operation, { nowMs: now(), operationId: wanted, cause, timeoutMs: 0 }) }
  })
}
