/** Rounds of two equal arms and a third that is slowed down by a known time in the server: what is planted must be found. */
import { arrivals } from '../generator/arrivals.ts'
import { openCrowd, type Crowd } from '../generator/crowd.ts'
import { openLoop } from '../generator/open-loop.ts'
import { openPacer } from '../generator/pacer.ts'
import { simple } from '../generator/statements.ts'
import type { Standing } from '../stand.ts'

export interface ControlPlan {
  readonly rounds: number
  readonly blockMs: number
  readonly perSecond: number
  readonly connections: number
  readonly plantedMs: number
  readonly seed: string
}

export interface ControlRounds {
  /** Differences round by round, ms: of the medians, and of the 99th percentiles. */
  readonly equal: { readonly p50: readonly number[]; readonly p99: readonly number[] }
  readonly slowed: { readonly p50: readonly number[]; readonly p99: readonly number[] }
  readonly failures: number
}

const plain = 'select pg_sleep(0)'

/** Forwards and backwards by turns: what changes slowly on the machine falls on all arms alike. */
export async function recordControl({ system }: Standing, plan: ControlPlan, signal: AbortSignal): Promise<ControlRounds> {
  const slow = `select pg_sleep(${plan.plantedMs / 1000})`
  await using pacer = await openPacer()
  await using first = await openCrowd([system], plan.connections, simple(plain))
  await using second = await openCrowd([system], plan.connections, simple(plain))
  await using third = await openCrowd([system], plan.connections, simple(slow))
  const told = { equal: { p50: [] as number[], p99: [] as number[] }, slowed: { p50: [] as number[], p99: [] as number[] } }
  let failures = 0
  const block = async (crowd: Crowd, round: number) => {
    const done = await openLoop(crowd, pacer, arrivals(`${plan.seed}/${round}`, plan.perSecond, plan.blockMs))
    failures += done.errors + done.dropped
    const sorted = done.times.toSorted()
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
    return { p50: at(0.5), p99: at(0.99) }
  }
  for (let round = -1; round < plan.rounds && !signal.aborted; round++) {
    const crowds = [first, second, third]
    const shown = new Map<Crowd, { p50: number; p99: number }>()
    for (const crowd of round % 2 === 0 ? crowds : crowds.toReversed()) shown.set(crowd, await block(crowd, round))
    // The first round warms up.
    if (round < 0) continue
    for (const share of ['p50', 'p99'] as const) {
      told.equal[share].push(shown.get(second)![share] - shown.get(first)![share])
      told.slowed[share].push(shown.get(third)![share] - (shown.get(first)![share] + shown.get(second)![share]) / 2)
    }
  }
  return { ...told, failures }
}
