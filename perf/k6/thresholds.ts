/** Thresholds of k6 made from the budgets of the specification: one number has one place. */
import type { Budget } from '../../spec/entry.ts'
import { HarnessError } from '../../stack/harness-error.ts'

const millisecondsPer: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 }

/** For each target that the budget holds for; a load that could not be driven, or a failed request, breaks them as well. */
export function thresholdsOf(budget: Budget, targets: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const own = targets.map((target) => [`${metricOf(budget)}{target:${target}}`, [conditionOf(budget)]] as const)
  const checked = targets.map((target) => [`checks{target:${target}}`, ['rate==1']] as const)
  return { ...Object.fromEntries([...own, ...checked]), dropped_iterations: ['count==0'] }
}

const isRate = (unit: string) => unit.endsWith('/s')

function metricOf({ unit }: Budget): string {
  return isRate(unit) ? 'http_reqs' : 'http_req_duration'
}

/** A budget without a percentile holds for every request. */
function conditionOf({ op, value, unit, percentile }: Budget): string {
  if (isRate(unit)) return `rate${op}${value}`
  const factor = millisecondsPer[unit]
  if (factor === undefined)
    throw new HarnessError('bad-topology', `k6 has no threshold for a budget in ${unit}: us, ms, s or …/s are known`)
  const statistic = percentile === null ? 'max' : `p(${percentile})`
  return `${statistic}${op}${Number((value * factor).toPrecision(12))}`
}
