/** What is done in the course of each operation, from its beginning or from wherever another process left it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ProvisionerError, type Observation, type Provisioner } from '../provisioner.ts'
import type { Store } from '../store/store.ts'
import { callOnce, insist, type Insistence, type Patience } from './calls.ts'
import type { ChangeCluster } from './changer.ts'
import type { ClusterRecord, Operation } from './record.ts'
import {
  abandonSuspend,
  becomeActive,
  beginWake,
  failToDelete,
  failToWake,
  fallAsleep,
  stopDraining,
  touch,
  type Change,
  type Moment,
} from './transitions.ts'

export interface OperationTimes extends Patience {
  readonly wakeTimeoutMs: number
  readonly suspendTimeoutMs: number
  readonly deleteTimeoutMs: number
  /** How often a cluster that changes is looked at. */
  readonly pollMs: number
}

/** Whether a cluster that looks so may be called awake. */
export type IsAwake = (observation: Observation, record: ClusterRecord) => boolean

/** Postgres has answered, and so has its pooler if it has one: nothing less is being awake. */
export const isAwake: IsAwake = ({ state, postgres, poolers }, { spec }) =>
  state === 'running' && postgres.ready && (!spec.pooler.enabled || (poolers.length > 0 && poolers.every(({ ready }) => ready)))

export interface OperationTerms {
  readonly store: Store
  readonly provisioner: Provisioner
  readonly change: ChangeCluster
  readonly isAwake: IsAwake
  readonly times: OperationTimes
  readonly now: () => number
  readonly newId: () => string
  /** What went wrong and is tried again. */
  readonly onTrouble: (record: ClusterRecord, trouble: ProvisionerError) => void
}

export interface Run {
  readonly record: ClusterRecord
  readonly operation: Operation
  /** Fires when somebody else leads, or the operation was called off. */
  readonly signal: AbortSignal
  /** To be called when the platform has taken the order. */
  readonly onOrdered: () => void
}

export async function runWake(terms: OperationTerms, run: Run): Promise<void> {
  const { record, operation } = run
  const patience = patienceOf(terms, run, operation.deadlineAt)
  try {
    // A pooler that starts reads what is wanted now.
    await insist('apply', (signal) => terms.provisioner.apply(record, signal), patience)
    await insist('resume', (signal) => terms.provisioner.resume(record, record.warmth, signal), patience)
    run.onOrdered()
    await untilAwake(terms, run, patience)
    await settle(terms, run, (now, moment) => {
      const active = becomeActive(now, moment)
      return { ...active, record: { ...active.record, appliedGeneration: Math.max(now.appliedGeneration, record.generation) } }
    })
  } catch (cause) {
    if (run.signal.aborted || !(cause instanceof ProvisionerError)) throw cause
    await layDown(terms, run)
    await settle(terms, run, (now, moment) => failToWake(now, moment, cause.message, cause.retryable))
  }
}

async function untilAwake(terms: OperationTerms, { record, signal }: Run, patience: Insistence): Promise<void> {
  for (;;) {
    const observation = await insist('observe', (within) => terms.provisioner.observe(record, within), patience)
    if (terms.isAwake(observation, record)) return
    if (terms.now() >= patience.deadlineAt) throw new ProvisionerError(`was not ready in time: ${tell(observation)}`, { retryable: true })
    await pause(terms.times.pollMs, signal)
  }
}

/** Nothing of a waking that failed is left running. That it may fail, too, changes nothing about its end. */
async function layDown(terms: OperationTerms, { record, signal }: Run): Promise<void> {
  const { callTimeoutMs } = terms.times
  await callOnce('suspend', (within) => terms.provisioner.suspend(record, 'cold', within), signal, callTimeoutMs).catch((cause) => {
    if (cause instanceof ProvisionerError) terms.onTrouble(record, cause)
  })
  signal.throwIfAborted()
}

export async function runSuspend(terms: OperationTerms, run: Run): Promise<void> {
  const stopping = run.operation.phase === 'draining' ? await drain(terms, run) : run.operation
  if (stopping === null) return
  run.onOrdered()
  const patience = patienceOf(terms, run, stopping.deadlineAt)
  try {
    await insist('suspend', (signal) => terms.provisioner.suspend(run.record, stopping.warmth, signal), patience)
    await settle(terms, run, fallAsleep)
  } catch (cause) {
    if (run.signal.aborted || !(cause instanceof ProvisionerError)) throw cause
    // Half of it may have stopped: what is whole again is awake, or else told to be asleep.
    terms.onTrouble(run.record, cause)
    await settle(terms, run, (now, moment) =>
      beginWake(now, { ...moment, cause: `could not be suspended: ${cause.message}`, timeoutMs: terms.times.wakeTimeoutMs }),
    )
  }
}

/** Null: it stays awake. */
async function drain(terms: OperationTerms, run: Run): Promise<Operation | null> {
  const { operation, record, signal } = run
  for (;;) {
    const open = await openTransactions(terms, run)
    if (open === 0 || (operation.force && terms.now() >= operation.deadlineAt)) break
    if (terms.now() >= operation.deadlineAt) {
      await settle(terms, run, (now, moment) => abandonSuspend(now, moment, `${open} transactions were still open`))
      return null
    }
    await pause(terms.times.pollMs, signal)
  }
  const stopped = await terms.change(record.id, (now) => {
    const current = now.operation
    if (current?.id !== operation.id) return { next: null }
    const change = stopDraining(now, current, momentOf(terms, operation.cause, terms.times.suspendTimeoutMs))
    return { next: change.record.operation, change }
  })
  return stopped?.plan.next ?? null
}

/** A cluster that cannot be looked at, or does not know, has none that anybody could wait for. */
async function openTransactions(terms: OperationTerms, { record, signal }: Run): Promise<number> {
  try {
    const { postgres } = await callOnce('observe', (within) => terms.provisioner.observe(record, within), signal, terms.times.callTimeoutMs)
    return postgres.openTransactions ?? 0
  } catch (cause) {
    if (!(cause instanceof ProvisionerError)) throw cause
    terms.onTrouble(record, cause)
    return 0
  }
}

export async function runDelete(terms: OperationTerms, run: Run): Promise<void> {
  const { record, operation } = run
  try {
    await insist('remove', (signal) => terms.provisioner.remove(record.id, signal), patienceOf(terms, run, operation.deadlineAt))
    for (;;) {
      const now = await terms.store.get(record.id)
      if (now === null || now.operation?.id !== operation.id) return
      if (
        await terms.store.remove(touch(now, { nowMs: terms.now() }, {}), [
          { kind: 'cluster.deleted', message: '', operationId: operation.id, cause: operation.cause },
        ])
      )
        return
    }
  } catch (cause) {
    if (run.signal.aborted || !(cause instanceof ProvisionerError)) throw cause
    await settle(terms, run, (now, moment) => failToDelete(now, moment, cause.message))
  }
}

/** Ends the operation, if it is still the one that is under way. */
async function settle(
  terms: OperationTerms,
  { record, operation }: Run,
  make: (now: ClusterRecord, moment: Moment) => Change,
): Promise<void> {
  await terms.change(record.id, (now) =>
    now.operation?.id === operation.id ? { change: make(now, momentOf(terms, operation.cause, terms.times.wakeTimeoutMs)) } : {},
  )
}

export function momentOf({ now, newId }: Pick<OperationTerms, 'now' | 'newId'>, cause: string, timeoutMs: number): Moment {
  return { nowMs: now(), operationId: newId(), cause, timeoutMs }
}

function patienceOf({ times, now, onTrouble }: OperationTerms, { record, signal }: Run, deadlineAt: number): Insistence {
  return { ...times, now, signal, deadlineAt, onTrouble: (trouble) => onTrouble(record, trouble) }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {})
  signal.throwIfAborted()
}

function tell({ state, postgres, poolers }: Observation): string {
  const waiting = poolers.filter(({ ready }) => !ready).map(({ name, message }) => `pooler ${name} ${message || 'is not ready'}`)
  const parts = [...(postgres.ready ? [] : [`Postgres ${postgres.message || 'is not ready'}`]), ...waiting]
  return parts.length === 0 ? `it is ${state}` : parts.join(', ')
}
