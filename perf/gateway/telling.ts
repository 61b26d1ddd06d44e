/** Says in lines what the pairs of blocks showed. */
import type { Pair } from './compare.ts'
import type { IdleCost } from './idle.ts'
import { bootstrap, meanRatio, quantile, type Estimate } from '../measure/statistics.ts'

export interface Told {
  readonly text: string
  /** How much more time an operation takes than before the other: 0.05 is 5 %. */
  readonly cost: Estimate
}

const percent = (value: number) => `${value >= 0 ? '+' : '−'}${Math.abs(value * 100).toFixed(1)} %`
const between = ({ low, high }: Estimate, say: (value: number) => string) => `[${say(low)}, ${say(high)}]`

export function rateLines(b: string, a: string, pairs: readonly Pair[]): Told {
  const cost = bootstrap(
    pairs.map(([one, other]) => [one.rate, other.rate] as const),
    (sample) => meanRatio(sample) - 1,
  )
  const cpu = cpuText(pairs)
  const rates = [a, b].map((_, index) => quantile(pairs.map((pair) => pair[index]!.rate), 0.5)) // prettier-ignore
  const text = `  ${b.padEnd(12)} beside ${a.padEnd(10)} ${percent(cost.value).padStart(8)} time ${between(cost, percent).padEnd(22)} ${rates.map((rate) => rate.toFixed(0)).join(' → ')} per s${cpu}`
  return { text, cost }
}

/** Processor time per operation is told by the clock of the process, which does not see what else runs. */
function cpuText(pairs: readonly Pair[]): string {
  const used = pairs.map(([a, b]) => [b.cpu, a.cpu] as const).filter(([b, a]) => a > 0 && b > 0)
  if (used.length < pairs.length / 2 || used.length === 0) return ''
  const ratio = bootstrap(used, (sample) => sum(sample, 0) / sum(sample, 1) - 1)
  return `, processor ${percent(ratio.value)} ${between(ratio, percent)}`
}

const sum = (pairs: readonly (readonly [number, number])[], at: 0 | 1) => pairs.reduce((total, pair) => total + pair[at], 0)

/** Within 5 % by the upper end, or within what two equal relays differ by. */
export function aimOfPassThrough({ cost }: Told, control: Told): string {
  const smallest = Math.max(Math.abs(control.cost.low), Math.abs(control.cost.high))
  if (cost.high <= 0.05) return '; 5 % reached'
  return cost.high <= smallest ? `; reached as far as can be told: equal relays differ by up to ${percent(smallest)}` : '; 5 % NOT reached'
}

export function connectLines(b: string, a: string, pairs: readonly Pair[]): string {
  const timesOf = (sample: readonly Pair[], index: 0 | 1) => sample.flatMap((pair) => pair[index].times)
  const more = (share: number) => bootstrap(pairs, (sample) => quantile(timesOf(sample, 1), share) - quantile(timesOf(sample, 0), share))
  const ms = (value: number) => `${value.toFixed(2)} ms`
  const parts = [0.5, 0.99].map((share) => {
    const [with0, estimate] = [quantile(timesOf(pairs, 0), share), more(share)]
    return `p${share * 100} ${ms(with0)} ${estimate.value >= 0 ? '+' : '−'} ${ms(Math.abs(estimate.value))} ${between(estimate, ms)}`
  })
  return `  ${b.padEnd(12)} beside ${a.padEnd(10)} ${parts.join(', ')}${cpuText(pairs)}`
}

export function idleLine(name: string, { kbPerSession, beforeKb, afterKb }: IdleCost, aimKb: number | null): string {
  const aim = aimKb === null ? '' : kbPerSession <= aimKb ? `; ${aimKb} KB reached` : `; ${aimKb} KB NOT reached`
  return `  ${name.padEnd(12)} ${kbPerSession.toFixed(1)} KB per session (${(beforeKb / 1024).toFixed(0)} → ${(afterKb / 1024).toFixed(0)} MB)${aim}`
}
