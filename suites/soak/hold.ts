/** Steady load on an entry's stack for as long as the profile allows, kept with the evidence as figures and pictures. */
import { growthPlot } from '../../perf/plots/growth.ts'
import { drawPlot } from '../../perf/plots/svg.ts'
import { judgeSoak, type SoakFinding } from '../../perf/soak/judge.ts'
import { soak, type SoakRecord } from '../../perf/soak/watch.ts'
import type { EntryId } from '../../spec/generated/ids.ts'
import type { Stack } from '../../stack/stack.ts'
import type { Trial } from '../kit.ts'
import { directWay, doorWay } from '../perf/ways.ts'

type Ways = Pick<Trial<EntryId>, 'stack' | 'mint' | 'profile' | 'seed' | 'signal' | 'measure' | 'attach'>

export interface Held {
  readonly record: SoakRecord
  readonly findings: readonly SoakFinding[]
  readonly seconds: number
  /** In words, where it was held for less than is promised; else null. */
  readonly short: string | null
}

/** What short profiles hold: enough to see a flood. */
const seconds = { quick: 15, gate: 90 } as const

/** Entries that hold the same load for the same time look at the same record of it. */
const kept = new WeakMap<Stack, { readonly seconds: number; readonly record: SoakRecord }>()

export async function hold(trial: Ways, promisedSeconds: number): Promise<Held> {
  const { stack, mint, profile, seed, signal, measure, attach } = trial
  const held = profile.name === 'full' ? promisedSeconds : seconds[profile.name]
  const known = kept.get(stack)
  const plan = { perSecond: 100, connections: 8, loginsPerSecond: 10, windowMs: held > 1800 ? 5000 : held > 60 ? 1000 : 300, seed }
  const ways = async () => ({ system: doorWay(stack, await mint({ ttlSeconds: 3600 + held })), direct: directWay(stack) })
  const record = known?.seconds === held ? known.record : await soak(stack, await ways(), { ...plan, seconds: held }, signal)
  kept.set(stack, { seconds: held, record })
  const findings = judgeSoak(record)
  for (const one of findings) {
    if (Number.isFinite(one.perHour)) measure(`growth of ${one.series}`, one.perHour, `${one.unit}/h`)
    attach(`${one.series.replaceAll(' ', '-')}.svg`, drawPlot(growthPlot(one), 'alone'))
  }
  const short =
    held < promisedSeconds ? `it was held for ${held} s of the ${promisedSeconds} s that are promised: --profile full holds them` : null
  return { record, findings, seconds: held, short }
}
