/**
 * Makes every pooler read its settings again. They lie in files that the kubelet brings to the machine when it comes to it, up to a minute
 * late: a change to the pod makes it come at once, and only an instance that shows the new values counts as reloaded.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { InstanceEndpoint, ReloadOutcome, WantedCluster } from '../provisioner.ts'
import { annotationKeys } from './names.ts'
import { annotate, type Place } from './objects.ts'
import type { Pod } from './observe.ts'
import { poolSizeOf } from '../settings.ts'

/** Runs one simple query on an instance's admin database. */
export type AskAdmin = (admin: string, query: string, signal: AbortSignal) => Promise<readonly Readonly<Record<string, unknown>>[]>

export interface ReloadPace {
  /** For one instance, its files' way included. */
  readonly withinMs: number
  readonly pauseMs: number
}

export const reloadPace: ReloadPace = { withinMs: 45_000, pauseMs: 500 }

export async function reloadPod(
  place: Place,
  { metadata }: Pod,
  { admin }: InstanceEndpoint,
  wanted: WantedCluster,
  ask: AskAdmin,
  { withinMs, pauseMs }: ReloadPace,
): Promise<ReloadOutcome> {
  const instance = metadata.name
  if (admin === null) return { instance, reloaded: false, message: 'it has no address yet' }
  const signal = AbortSignal.any([place.signal, AbortSignal.timeout(withinMs)])
  let last = 'it was not asked'
  try {
    await annotate({ ...place, signal }, 'Pod', instance, { 'orochi.cloud/wanted-generation': String(wanted.generation) })
    for (;;) {
      last = await tryOnce(admin, wanted, ask, signal)
      if (last === '') break
      await sleep(pauseMs, undefined, { signal })
    }
    await annotate({ ...place, signal }, 'Pod', instance, { [annotationKeys.loaded]: String(wanted.generation) })
    return { instance, reloaded: true, message: `reads generation ${wanted.generation}` }
  } catch (cause) {
    place.signal.throwIfAborted()
    return { instance, reloaded: false, message: signal.aborted ? last : messageOf(cause) }
  }
}

/** Empty: it has what is wanted. */
async function tryOnce(admin: string, wanted: WantedCluster, ask: AskAdmin, signal: AbortSignal): Promise<string> {
  try {
    await ask(admin, 'RELOAD', signal)
    const rows = await ask(admin, 'SHOW CONFIG', signal)
    const shown = new Map(rows.map((row) => [String(row['name']), String(row['value'])]))
    const late = Object.entries(expected(wanted)).filter(([name, value]) => plain(shown.get(name)) !== value)
    return late.map(([name, value]) => `${name} is ${shown.get(name) ?? 'not shown'}, not ${value}`).join('; ')
  } catch (cause) {
    // Cut off in the midst it tells nothing; what was seen before does.
    signal.throwIfAborted()
    return messageOf(cause)
  }
}

const messageOf = (cause: unknown) => `it cannot be asked (${cause instanceof Error ? cause.message : String(cause)})`

/** What shows that the new file was read. */
function expected({ spec }: WantedCluster): Readonly<Record<string, string>> {
  return {
    pooler_mode: spec.pooler.mode,
    default_pool_size: String(poolSizeOf(spec)),
    idle_timeout: `${spec.pooler.idle_timeout_seconds * 1000} ms`,
  }
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** PgDog shows times as people say them: `1m 30s`. */
function plain(value: string | undefined): string | undefined {
  if (value === undefined || !/^(?:\d+(?:ms|s|m|h|d) ?)+$/.test(value)) return value
  const parts = [...value.matchAll(/(\d+)(ms|s|m|h|d)/g)].map(([, count, unit]) => Number(count) * unitsMs[unit!]!)
  return `${parts.reduce((sum, part) => sum + part, 0)} ms`
}
