/** What is demanded of every check: there are anomalies that it is to find, and it finds them. A check that always says yes is useless, and found here. */
import type { Check } from './finding.ts'
import type { History } from './history/record.ts'

export interface Anomaly {
  readonly kind: string
  readonly history: History
}

/** Checks that fall short, each as one sentence. */
export function yesSayers(checks: readonly Check[], anomaliesFor: (check: string) => readonly Anomaly[]): readonly string[] {
  return checks.flatMap((check) => {
    const byKind = Map.groupBy(anomaliesFor(check.name), ({ kind }) => kind)
    if (byKind.size === 0) return [`${check.name} has no anomaly that it is to find`]
    return [...byKind]
      .filter(([kind, anomalies]) => !anomalies.every(({ history }) => check.judge(history).some((finding) => finding.kind === kind)))
      .map(([kind]) => `${check.name} does not find "${kind}"`)
  })
}
