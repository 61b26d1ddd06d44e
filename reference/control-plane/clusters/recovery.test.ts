import { expect, test } from 'vitest'
import type { Store } from '../store/store.ts'
import { makeRecord } from '../testing/records.ts'
import type { ClusterRecord, Operation } from './record.ts'
import { takeUpAll } from './recovery.ts'
import type { Change } from './transitions.ts'

const times = { wakeTimeoutMs: 1000, suspendTimeoutMs: 2000, deleteTimeoutMs: 3000 }
const operation = (change: Partial<Operation>): Operation => ({
  id: 'op-1',
  kind: 'wake',
  phase: 'running',
  startedAt: 0,
  deadlineAt: 100,
  attempt: 1,
  cause: 'user-1',
  warmth: 'cold',
  thenWake: false,
  force: false,
  ...change,
})

/** What becomes of a cluster with this operation, ten seconds later. */
async function takenUp(change: Partial<Operation>): Promise<Change | undefined> {
  const record = makeRecord('acme', { state: 'waking', operation: operation(change) })
  let made: Change | undefined
  await takeUpAll({
    store: { list: async (after: string) => (after === '' ? [record] : []) } as unknown as Store,
    change: async (_id, plan) => {
      const planned = plan(record)
      made = (planned as { change?: Change }).change
      return { plan: planned, record: record as ClusterRecord }
    },
    now: () => 10_000,
    times,
  })
  return made
}

test('what is gone on with has its time anew, and says how often it was taken up', async () => {
  for (const [kind, phase, deadlineAt] of [
    ['wake', 'running', 11_000],
    ['create', 'running', 11_000],
    ['suspend', 'running', 12_000],
    ['suspend', 'draining', 10_000],
    ['delete', 'running', 13_000],
  ] as const) {
    const { record } = (await takenUp({ kind, phase }))!
    expect(record.operation).toMatchObject({ id: 'op-1', kind, attempt: 2, startedAt: 0, deadlineAt })
  }
})

test('a waking that was interrupted again and again fails for good', async () => {
  const { record, events } = (await takenUp({ attempt: 5 }))!
  expect(record).toMatchObject({ state: 'suspended', operation: null, failure: { message: 'was interrupted too often' } })
  expect(events.map(({ kind }) => kind)).toEqual(['wake.failed', 'state.changed'])
  expect((await takenUp({ kind: 'delete', attempt: 50 }))!.record.operation).toMatchObject({ attempt: 51 })
})
