/** Looks after clusters while nobody asks: whether those that are awake are well, have their settings, and are still wanted awake. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ProvisionerError, type Observation, type Provisioner } from '../provisioner.ts'
import type { Collector } from '../stats/stats.ts'
import type { Store } from '../store/store.ts'
import { callOnce } from './calls.ts'
import type { ChangeCluster } from './changer.ts'
import type { Conductor } from './conductor.ts'
import { momentOf, type IsAwake, type OperationTimes } from './operations.ts'
import type { Orders } from './orders.ts'
import type { ClusterRecord } from './record.ts'
import { beginWake, touch } from './transitions.ts'

export interface WatchTerms {
  readonly store: Store
  readonly provisioner: Provisioner
  readonly change: ChangeCluster
  readonly orders: Orders
  readonly conductor: Pick<Conductor, 'isBusyWith'>
  readonly collector: Collector
  readonly isAwake: IsAwake
  readonly times: OperationTimes & { readonly watchEveryMs: number }
  readonly now: () => number
  readonly newId: () => string
  readonly onTrouble: (record: ClusterRecord, trouble: ProvisionerError) => void
}

export interface Watch {
  /** Until the signal fires. Throws a StoreError. */
  run(signal: AbortSignal): Promise<void>
  /** Brings the settings to the platform, soon. */
  configure(clusterId: string): void
}

/** So many clusters are looked at together. */
const together = 8
const pageSize = 200
/** A cluster that was seen without anything running so often in a row has stopped. */
const stoppedLooks = 2

export function makeWatch(terms: WatchTerms): Watch {
  const { store, times, conductor } = terms
  const idle = makeIdleBook(terms)
  const stopped = new Map<string, number>()
  const wanted = new Set<string>()
  let wake = Promise.withResolvers<void>()

  async function look(record: ClusterRecord, signal: AbortSignal): Promise<void> {
    if (conductor.isBusyWith(record.id) || record.operation !== null) return
    try {
      if (record.appliedGeneration < record.generation) await bringSettings(terms, record, signal)
      if (record.state !== 'active') return
      const observation = await callOnce('observe', (within) => terms.provisioner.observe(record, within), signal, times.callTimeoutMs)
      if (await isStopped(record, observation)) return
      await noteReadiness(terms, record, observation)
      if (await idle.isIdle(record, observation, signal)) await terms.orders.suspend(record.id, 'idle', { force: false })
    } catch (cause) {
      if (!(cause instanceof ProvisionerError)) throw cause
      terms.onTrouble(record, cause)
      if (record.state === 'active') await noteTrouble(terms, record, cause.message)
    }
  }

  /** What stopped by itself is started again. */
  async function isStopped(record: ClusterRecord, { state }: Observation): Promise<boolean> {
    const looks = state === 'stopped' || state === 'absent' ? (stopped.get(record.id) ?? 0) + 1 : 0
    stopped.set(record.id, looks)
    if (looks < stoppedLooks) return false
    stopped.delete(record.id)
    await terms.change(record.id, (now) => {
      if (now.state !== 'active' || now.operation !== null) return {}
      return { change: beginWake({ ...now, warmth: 'cold' }, momentOf(terms, 'recovery', times.wakeTimeoutMs)) }
    })
    return true
  }

  async function lookAtAll(signal: AbortSignal): Promise<void> {
    for (let after = ''; ;) {
      const page = await store.list(after, pageSize)
      for (let at = 0; at < page.length; at += together) {
        signal.throwIfAborted()
        await Promise.all(page.slice(at, at + together).map((record) => look(record, signal)))
      }
      const last = page.at(-1)
      if (last === undefined) return
      after = last.id
    }
  }

  async function lookAtWanted(signal: AbortSignal): Promise<void> {
    for (const id of wanted) {
      wanted.delete(id)
      const record = await store.get(id)
      if (record !== null && record.appliedGeneration < record.generation) await look(record, signal)
    }
  }

  return {
    configure(clusterId) {
      wanted.add(clusterId)
      wake.resolve()
    },
    async run(signal) {
      for (let nextAt = 0; !signal.aborted;) {
        if (wanted.size > 0) await lookAtWanted(signal)
        if (performance.now() >= nextAt) {
          await lookAtAll(signal)
          nextAt = performance.now() + times.watchEveryMs
        }
        wake = Promise.withResolvers()
        if (wanted.size > 0) wake.resolve()
        await Promise.race([wake.promise, sleep(Math.max(1, nextAt - performance.now()), undefined, { signal }).catch(() => {})])
      }
    },
  }
}

/** Applied first, then told to the instances that run. */
async function bringSettings(terms: WatchTerms, record: ClusterRecord, signal: AbortSignal): Promise<void> {
  const { provisioner, times, change, now } = terms
  await callOnce('apply', (within) => provisioner.apply(record, within), signal, times.callTimeoutMs)
  const outcomes =
    record.state === 'active' ? await callOnce('reload', (within) => provisioner.reload(record, within), signal, times.callTimeoutMs) : []
  const missed = outcomes.filter(({ reloaded }) => !reloaded)
  if (missed.length > 0)
    throw new ProvisionerError(`reload: ${missed.map(({ instance, message }) => `${instance} ${message}`).join(', ')}`, { retryable: true })
  await change(record.id, (latest) => {
    if (latest.appliedGeneration >= record.generation) return {}
    const next = touch(latest, { nowMs: now() }, { appliedGeneration: record.generation })
    return { change: { record: next, events: [{ kind: 'pooler.applied' as const, message: `generation ${record.generation}` }] } }
  })
}

async function noteReadiness(terms: WatchTerms, record: ClusterRecord, observation: Observation): Promise<void> {
  const ready = terms.isAwake(observation, record)
  if (ready) return await note(terms, record, true, '')
  const waiting = observation.poolers.filter((pooler) => !pooler.ready).map(({ name }) => name)
  await note(
    terms,
    record,
    false,
    observation.postgres.ready ? `pooler not ready: ${waiting.join(', ')}` : `Postgres: ${observation.postgres.message}`,
  )
}

const noteTrouble = (terms: WatchTerms, record: ClusterRecord, message: string) => note(terms, record, false, message)

async function note({ change, now }: WatchTerms, record: ClusterRecord, isReady: boolean, message: string): Promise<void> {
  if (record.isReady === isReady) return
  await change(record.id, (latest) => {
    if (latest.state !== 'active' || latest.isReady === isReady) return {}
    const next = touch(latest, { nowMs: now() }, { isReady, message })
    return { change: { record: next, events: [{ kind: 'readiness.changed' as const, message, cause: 'watch' }] } }
  })
}

interface Activity {
  readonly done: number
  readonly since: number
}

interface IdleBook {
  isIdle(record: ClusterRecord, observation: Observation, signal: AbortSignal): Promise<boolean>
}

/** Idle is who was seen without a transaction and without a further query all the while; who cannot be looked at is not idle. */
function makeIdleBook({ provisioner, collector, times, now }: WatchTerms): IdleBook {
  const seen = new Map<string, Activity>()
  return {
    async isIdle(record, { postgres }, signal) {
      const after = record.spec.sleep.idle_after_seconds
      if (after === null) return (seen.delete(record.id), false)
      const endpoints = await callOnce('endpoints', (within) => provisioner.endpoints(record, within), signal, times.callTimeoutMs)
      const work = await collector.work(endpoints)
      if (work === null) return (seen.delete(record.id), false)
      const before = seen.get(record.id)
      const busy = (postgres.openTransactions ?? 0) > 0 || work.active > 0
      if (busy || before === undefined || before.done !== work.done || before.since < record.since) {
        seen.set(record.id, { done: work.done, since: now() })
        return false
      }
      return now() - before.since >= after * 1000
    },
  }
}
