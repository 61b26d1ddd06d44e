/** From one state of a cluster to the next, as values: what is asked of a record, and the record and events that come of it. */
import type { ClusterRecord, NewEvent, Operation, OperationKind } from './record.ts'
import type { Warmth } from '../provisioner.ts'

export interface Change {
  readonly record: ClusterRecord
  readonly events: readonly NewEvent[]
}

export interface Moment {
  readonly nowMs: number
  /** Of an operation that may begin. */
  readonly operationId: string
  readonly cause: string
  /** How long that may take. */
  readonly timeoutMs: number
}

export type WakePlan =
  | { readonly kind: 'awake' | 'gone' }
  /** One is under way: nothing to change. */
  | { readonly kind: 'joined'; readonly operationId: string }
  | { readonly kind: 'started' | 'queued' | 'called_off'; readonly operationId: string; readonly change: Change }

export type PlanWake = (record: ClusterRecord, moment: Moment) => WakePlan

/** However many ask: one operation. */
export const planWake: PlanWake = (record, moment) => {
  const { operation, state } = record
  if (operation?.kind === 'delete') return { kind: 'gone' }
  if (state === 'active') return { kind: 'awake' }
  if (operation === null) return { kind: 'started', operationId: moment.operationId, change: beginWake(record, moment) }
  if (state === 'waking' || operation.thenWake) return { kind: 'joined', operationId: operation.id }
  if (operation.phase === 'draining')
    return { kind: 'called_off', operationId: operation.id, change: abandonSuspend(record, moment, 'was wanted awake') }
  const change = {
    record: touch(record, moment, { operation: { ...operation, thenWake: true } }),
    events: [requested(moment, operation.id)],
  }
  return { kind: 'queued', operationId: operation.id, change }
}

export function beginWake(record: ClusterRecord, moment: Moment, kind: OperationKind = 'wake'): Change {
  const operation = makeOperation(moment, kind, record.warmth)
  const next = touch(record, moment, { state: 'waking', isReady: false, message: messages[kind], since: moment.nowMs, operation })
  const begun: NewEvent = { kind: 'state.changed', message: next.message, operationId: operation.id, cause: moment.cause }
  return { record: next, events: kind === 'create' ? [begun] : [requested(moment, operation.id), begun] }
}

const messages: Readonly<Record<OperationKind, string>> = {
  create: 'is being created',
  wake: 'is being woken',
  suspend: 'waits for open transactions',
  delete: 'is being deleted',
}

export interface SuspendWish {
  readonly warmth: Warmth
  readonly force: boolean
}

export type SuspendPlan =
  | { readonly kind: 'asleep' | 'gone' | 'waking' }
  | { readonly kind: 'joined'; readonly operationId: string }
  | { readonly kind: 'started'; readonly operationId: string; readonly change: Change }

export function planSuspend(record: ClusterRecord, moment: Moment, { warmth, force }: SuspendWish): SuspendPlan {
  const { state, operation } = record
  if (operation?.kind === 'delete') return { kind: 'gone' }
  if (state === 'suspended') return { kind: 'asleep' }
  if (state === 'waking') return { kind: 'waking' }
  if (operation?.kind === 'suspend') return { kind: 'joined', operationId: operation.id }
  const next: Operation = { ...makeOperation(moment, 'suspend', warmth), phase: 'draining', force }
  const changed = touch(record, moment, {
    state: 'suspending',
    isReady: false,
    message: messages.suspend,
    since: moment.nowMs,
    operation: next,
  })
  return { kind: 'started', operationId: next.id, change: { record: changed, events: [...eventsOf('suspend.requested', changed, moment)] } }
}

/** The transactions are over, or their time: from here on it cannot be called off. */
export function stopDraining(record: ClusterRecord, operation: Operation, moment: Moment): Change {
  const next = { ...operation, phase: 'running' as const, deadlineAt: moment.nowMs + moment.timeoutMs }
  return { record: touch(record, moment, { operation: next, message: 'is being suspended' }), events: [] }
}

export function abandonSuspend(record: ClusterRecord, moment: Moment, why: string): Change {
  const next = touch(record, moment, {
    state: 'active',
    isReady: true,
    message: `stays awake: ${why}`,
    since: moment.nowMs,
    operation: null,
  })
  return { record: next, events: [event('suspend.abandoned', why, record, moment), changed(next, record, moment)] }
}

export function fallAsleep(record: ClusterRecord, moment: Moment): Change {
  const { operation } = record
  const next = touch(record, moment, {
    state: 'suspended',
    isReady: false,
    message: '',
    since: moment.nowMs,
    operation: null,
    warmth: operation?.warmth ?? 'cold',
  })
  const done = { ...event('suspend.completed', '', record, moment), durationMs: moment.nowMs - (operation?.startedAt ?? moment.nowMs) }
  const asleep: Change = { record: next, events: [done, changed(next, record, moment)] }
  if (operation?.thenWake !== true) return asleep
  const woken = beginWake(next, moment)
  return { record: woken.record, events: [...asleep.events, ...woken.events] }
}

/** What runs now was started with the settings that were applied. */
export function becomeActive(record: ClusterRecord, moment: Moment): Change {
  const { operation, warmth } = record
  const pendingRestart = warmth === 'cold' || operation?.kind === 'create' ? [] : record.pendingRestart
  const next = touch(record, moment, {
    state: 'active',
    isReady: true,
    message: '',
    since: moment.nowMs,
    operation: null,
    failure: null,
    pendingRestart,
  })
  const took = moment.nowMs - (operation?.startedAt ?? moment.nowMs)
  const done: NewEvent = { ...event('wake.completed', '', record, moment), warmth, durationMs: took }
  // To be created is not to be woken.
  return { record: next, events: operation?.kind === 'create' ? [changed(next, record, moment)] : [done, changed(next, record, moment)] }
}

export function failToWake(record: ClusterRecord, moment: Moment, message: string, retryable: boolean): Change {
  const failure = { at: moment.nowMs, message, retryable }
  const next = touch(record, moment, { state: 'suspended', isReady: false, message: `could not be woken: ${message}`, since: moment.nowMs, operation: null, warmth: 'cold', failure }) // prettier-ignore
  return { record: next, events: [event('wake.failed', message, record, moment), changed(next, record, moment)] }
}

export function beginDelete(record: ClusterRecord, moment: Moment): Change | null {
  if (record.operation?.kind === 'delete') return null
  const operation = makeOperation(moment, 'delete', 'cold')
  const next = touch(record, moment, { state: 'suspending', isReady: false, message: messages.delete, since: moment.nowMs, operation })
  return { record: next, events: [changed(next, next, moment)] }
}

export function failToDelete(record: ClusterRecord, moment: Moment, message: string): Change {
  const next = touch(record, moment, {
    state: 'suspended',
    isReady: false,
    message: `could not be deleted: ${message}`,
    since: moment.nowMs,
    operation: null,
  })
  return { record: next, events: [changed(next, record, moment)] }
}

/** An operation in whose midst processes keep ending may be why they do. */
const mostAttempts = 5

/** Another process ended in its midst; who leads now goes on with it, and has as much time for it as that one had. */
export function takeUp(record: ClusterRecord, operation: Operation, moment: Moment): Change {
  const { attempt, kind, startedAt, deadlineAt } = operation
  if (attempt >= mostAttempts && (kind === 'wake' || kind === 'create'))
    return failToWake(record, moment, 'was interrupted too often', true)
  const next = { ...operation, attempt: attempt + 1, startedAt, deadlineAt: Math.max(deadlineAt, moment.nowMs + moment.timeoutMs) }
  return { record: touch(record, moment, { operation: next }), events: [] }
}

export function touch(record: ClusterRecord, { nowMs }: Pick<Moment, 'nowMs'>, change: Partial<ClusterRecord>): ClusterRecord {
  return { ...record, ...change, updatedAt: nowMs }
}

function makeOperation({ nowMs, operationId, cause, timeoutMs }: Moment, kind: OperationKind, warmth: Warmth): Operation {
  const times = { startedAt: nowMs, deadlineAt: nowMs + timeoutMs }
  return { id: operationId, kind, phase: 'running', ...times, attempt: 1, cause, warmth, thenWake: false, force: false }
}

function requested({ cause }: Moment, operationId: string): NewEvent {
  return { kind: 'wake.requested', message: '', operationId, cause }
}

function eventsOf(kind: NewEvent['kind'], record: ClusterRecord, moment: Moment): NewEvent[] {
  return [event(kind, '', record, moment), changed(record, record, moment)]
}

function event(kind: NewEvent['kind'], message: string, { operation }: ClusterRecord, { cause }: Moment): NewEvent {
  return { kind, message, cause: operation?.cause ?? cause, ...(operation === null ? {} : { operationId: operation.id }) }
}

function changed(next: ClusterRecord, before: ClusterRecord, moment: Moment): NewEvent {
  return event('state.changed', next.message, before, moment)
}
