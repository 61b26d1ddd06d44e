/** A soak in words: a line for each series, the worst first. */
import { plainLabel } from '../plots/scale.ts'
import { verdictOf, type SoakFinding } from './judge.ts'
import type { SoakRecord } from './watch.ts'

const order = ['grows', 'too short to tell', 'steady']

export function soakText(record: SoakRecord, findings: readonly SoakFinding[]): string {
  const sorted = findings.toSorted((a, b) => rank(a) - rank(b))
  const width = Math.max(...sorted.map(({ series }) => series.length))
  const lines = sorted.map((one) => `${one.series.padEnd(width)}  ${wordOf(one).padEnd(17)}  ${one.why}`)
  const { windows, operations, logins, failures, trouble } = record
  const failed = failures === 0 ? 'none failed' : `${failures} failed (${trouble})`
  return [`${windows} windows, ${operations} queries, ${logins} logins, ${failed}`, '', ...lines, '', closingText(findings)].join('\n')
}

const rank = (one: SoakFinding) => order.indexOf(one.verdict) + (one.shownOnly === null ? 0 : order.length)
const wordOf = (one: SoakFinding) => (one.shownOnly === null ? one.verdict : `(${one.verdict})`)

function closingText(findings: readonly SoakFinding[]): string {
  const verdict = verdictOf(findings)
  const grows = findings.filter((one) => one.shownOnly === null && one.verdict === 'grows')
  if (verdict !== 'leak') return verdict
  return `leak: ${grows.map((one) => `${one.series} by ${plainLabel(one.perHour)} ${one.unit}/h [${plainLabel(one.low)}, ${plainLabel(one.high)}]`).join(', ')}`
}
