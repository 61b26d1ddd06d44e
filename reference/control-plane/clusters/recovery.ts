/** Goes on with what a process that led before left undone. */
import type { Store } from '../store/store.ts'
import type { ChangeCluster } from './changer.ts'
import type { OperationTimes } from './operations.ts'
import type { ClusterRecord, Operation } from './record.ts'
import { takeUp } from './transitions.ts'

export interface RecoveryTerms {
  readonly store: Store
  /** What is changed by it is followed: whoever changed the record runs its operation. */
  readonly change: ChangeCluster
  readonly now: () => number
  readonly times: Pick<OperationTimes, 'wakeTimeoutMs' | 'suspendTimeoutMs' | 'deleteTimeoutMs'>
}

export type TakeUpAll = (terms: RecoveryTerms) => Promise<void>

const pageSize = 200

/** Every operation in the store; each has its time anew. */
export const takeUpAll: TakeUpAll = async (terms) => {
  for (let after = ''; ;) {
    const page = await terms.store.list(after, pageSize)
    for (const { id, operation } of page) if (operation !== null) await takeUpOne(terms, id, operation)
    const last = page.at(-1)
    if (last === undefined) return
    after = last.id
  }
}

async function takeUpOne({ change, now, times }: RecoveryTerms, id: string, { id: wanted, cause }: Operation): Promise<void> {
  await change(id, (record: ClusterRecord) => {
    const { operation } = record
    if (operation?.id !== wanted) return {}
    return { change: takeUp(record, operation, { nowMs: now(), operationId: wanted, cause, timeoutMs: timeoutOf(operation, times) }) }
  })
}

/** Transactions are waited for no longer than they would have been. */
function timeoutOf({ kind, phase }: Operation, { wakeTimeoutMs, suspendTimeoutMs, deleteTimeoutMs }: RecoveryTerms['times']): number {
  if (kind === 'delete') return deleteTimeoutMs
  if (kind === 'suspend') return phase === 'draining' ? 0 : suspendTimeoutMs
  return wakeTimeoutMs
}
