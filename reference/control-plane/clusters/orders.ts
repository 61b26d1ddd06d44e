/** What can be asked of clusters: each order is written down before anybody hears that it was taken. */
import type { ClusterSpec, PoolerConfig, PoolerPatch } from '../api/cluster-schemas.ts'
import { type Provisioner, type ReloadOutcome, type Warmth } from '../provisioner.ts'
import { findImpossible, type Objection } from '../settings.ts'
import type { Store } from '../store/store.ts'
import { callOnce } from './calls.ts'
import type { ChangeCluster } from './changer.ts'
import type { Conductor } from './conductor.ts'
import { momentOf, type OperationTimes } from './operations.ts'
import type { ClusterRecord } from './record.ts'
import { newRecord, reconfigure } from './wants.ts'
import { beginDelete, beginWake, planSuspend, touch, type Change, type Moment, type PlanWake, type SuspendPlan } from './transitions.ts'

export interface OrderTimes extends OperationTimes {
  /** How long an order waits to hear whether the platform took it. */
  readonly acceptMs: number
  /** After a waking that failed, who asks within that time is told so. */
  readonly coolDownMs: number
}

/** Puts a patch onto the settings. */
export type MergePooler = (spec: ClusterSpec, patch: PoolerPatch) => ClusterSpec

export const mergePooler: MergePooler = (spec, patch) => ({
  ...spec,
  pooler: {
    ...spec.pooler,
    ...(Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as Partial<PoolerConfig>),
  },
})

export interface OrderPieces {
  readonly planWake: PlanWake
  readonly mergePooler: MergePooler
}

export interface OrderTerms {
  readonly store: Store
  readonly provisioner: Provisioner
  readonly change: ChangeCluster
  readonly conductor: Pick<Conductor, 'follow' | 'ordered'>
  readonly times: OrderTimes
  readonly pieces: OrderPieces
  readonly now: () => number
  readonly newId: () => string
  /** The settings of a cluster are to be brought to the platform. */
  readonly onConfigured: (clusterId: string) => void
}

/** `failed`: it sleeps still, and may be asked again after so long. */
export type WakeOutcome =
  | { readonly kind: 'waking' | 'awake'; readonly record: ClusterRecord }
  | { readonly kind: 'failed'; readonly message: string; readonly retryAfterMs: number; readonly record: ClusterRecord }

export type ConfigureOutcome =
  | { readonly kind: 'configured'; readonly record: ClusterRecord }
  | { readonly kind: 'stale'; readonly record: ClusterRecord }
  | { readonly kind: 'impossible'; readonly objections: readonly Objection[] }

type ConfigurePlan =
  | { readonly kind: 'gone' | 'stale' }
  | { readonly kind: 'impossible'; readonly objections: readonly Objection[] }
  | { readonly kind: 'configured'; readonly change: Change }

/** Whether the generation of a cluster is one that the client has seen. */
export type IsCurrent = (generation: number) => boolean

/** All: null where there is no such cluster. */
export interface Orders {
  create(id: string, spec: ClusterSpec, cause: string): Promise<ClusterRecord | 'exists' | readonly Objection[]>
  remove(id: string, cause: string, isCurrent: IsCurrent): Promise<ConfigureOutcome | null>
  wake(id: string, cause: string): Promise<WakeOutcome | null>
  suspend(
    id: string,
    cause: string,
    wish: { readonly warmth?: Warmth | undefined; readonly force: boolean },
  ): Promise<{ readonly kind: SuspendPlan['kind']; readonly record: ClusterRecord } | null>
  configure(id: string, cause: string, isCurrent: IsCurrent, make: (spec: ClusterSpec) => ClusterSpec): Promise<ConfigureOutcome | null>
  patchPooler(id: string, cause: string, isCurrent: IsCurrent, patch: PoolerPatch): Promise<ConfigureOutcome | null>
  reload(record: ClusterRecord, cause: string, signal: AbortSignal): Promise<readonly ReloadOutcome[]>
}

export function makeOrders(terms: OrderTerms): Orders {
  const { store, change, conductor, times, pieces } = terms
  const moment = (cause: string, timeoutMs = times.wakeTimeoutMs): Moment => momentOf(terms, cause, timeoutMs)

  async function configure(
    id: string,
    cause: string,
    isCurrent: IsCurrent,
    make: (spec: ClusterSpec) => ClusterSpec,
  ): Promise<ConfigureOutcome | null> {
    const changed = await change(id, (record): ConfigurePlan => {
      if (record.operation?.kind === 'delete') return { kind: 'gone' }
      if (!isCurrent(record.generation)) return { kind: 'stale' }
      const spec = make(record.spec)
      const objections = findImpossible(spec)
      return objections.length > 0
        ? { kind: 'impossible', objections }
        : { kind: 'configured', change: reconfigure(record, spec, moment(cause)) }
    })
    if (changed === null) return null
    const { plan, record } = changed
    if (plan.kind === 'gone') return null
    if (plan.kind === 'impossible') return plan
    if (plan.kind === 'configured') terms.onConfigured(id)
    return { kind: plan.kind, record }
  }

  return {
    configure,
    patchPooler: (id, cause, isCurrent, patch) => configure(id, cause, isCurrent, (spec) => pieces.mergePooler(spec, patch)),
    async create(id, spec, cause) {
      const objections = findImpossible(spec)
      if (objections.length > 0) return objections
      const now = moment(cause)
      const { record, events } = beginWake(newRecord(id, spec, now.nowMs), now, 'create')
      if (!(await store.create(record, [{ kind: 'cluster.created', message: '', cause }, ...events]))) return 'exists'
      conductor.follow(record)
      return record
    },
    async remove(id, cause, isCurrent) {
      const changed = await change(id, (record) => {
        if (!isCurrent(record.generation)) return { kind: 'stale' as const }
        return { kind: 'configured' as const, change: beginDelete(record, moment(cause, times.deleteTimeoutMs)) ?? undefined }
      })
      return changed && { kind: changed.plan.kind, record: changed.record }
    },
    wake: (id, cause) => wake(terms, id, moment(cause)),
    async suspend(id, cause, { warmth, force }) {
      const changed = await change(id, (record) => {
        const wish = { warmth: warmth ?? record.spec.sleep.standby, force }
        return planSuspend(record, moment(cause, record.spec.sleep.drain_timeout_seconds * 1000), wish)
      })
      return changed && { kind: changed.plan.kind, record: changed.record }
    },
    async reload(record, cause, signal) {
      const outcomes = await callOnce('reload', (within) => terms.provisioner.reload(record, within), signal, times.callTimeoutMs)
      const message = outcomes.map(({ instance, reloaded, message: said }) => `${instance}: ${reloaded ? 'reloaded' : said}`).join(', ')
      await change(record.id, (now) => ({
        change: { record: touch(now, moment(cause), {}), events: [{ kind: 'pooler.reloaded', message, cause }] },
      }))
      return outcomes
    },
  }
}

async function wake({ change, conductor, times, pieces, store, now }: OrderTerms, id: string, moment: Moment): Promise<WakeOutcome | null> {
  const changed = await change(id, (record) => {
    const coolsFor = coolDownOf(record, moment.nowMs, times.coolDownMs)
    return coolsFor > 0 ? { kind: 'cools' as const, coolsFor } : pieces.planWake(record, moment)
  })
  if (changed === null || changed.plan.kind === 'gone') return null
  const { plan, record } = changed
  if (plan.kind === 'cools') return { kind: 'failed', message: record.failure?.message ?? '', retryAfterMs: plan.coolsFor, record }
  if (plan.kind === 'awake' || plan.kind === 'called_off') return { kind: 'awake', record }
  if (plan.kind !== 'queued') await conductor.ordered(id, times.acceptMs)
  const after = await store.get(id)
  if (after === null) return null
  if (after.state === 'active') return { kind: 'awake', record: after }
  if (after.state !== 'suspended' || after.failure === null) return { kind: 'waking', record: after }
  return {
    kind: 'failed',
    message: after.failure.message,
    retryAfterMs: Math.max(coolDownOf(after, now(), times.coolDownMs), 1),
    record: after,
  }
}

/** How long it is left alone after a waking that failed; longer when trying again is hopeless. */
function coolDownOf({ state, failure }: ClusterRecord, nowMs: number, coolDownMs: number): number {
  if (state !== 'suspended' || failure === null) return 0
  const until = failure.at + coolDownMs * (failure.retryable ? 1 : 10)
  // A clock that was set back is no reason to wait for it.
  return failure.at > nowMs ? 0 : Math.max(0, until - nowMs)
}
