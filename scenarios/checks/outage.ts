/** How long clients are without service, and how soon they have it again, against the budgets. */
import { isServed } from '../effects.ts'
import { outagesOf, recoveriesOf } from '../figures.ts'
import { checkOf, type Found } from '../finding.ts'
import type { History } from '../history/record.ts'

export default checkOf('outage', 'outage and recovery keep to their budgets', (history) => [
  ...longOutages(history),
  ...lateRecoveries(history),
  ...manyFailures(history),
])

function longOutages(history: History): readonly Found[] {
  const { outageMs = Infinity } = history.budgets
  return outagesOf(history).flatMap(({ process, ms, operations, over }) => {
    if (!over && !history.cutOff)
      return [
        {
          kind: 'never-recovered',
          text: `client ${process} has had no good operation since its first failure, for ${Math.round(ms)} ms`,
          operations,
        },
      ]
    if (ms <= outageMs) return []
    return [
      {
        kind: 'outage-too-long',
        text: `client ${process} was without service for ${Math.round(ms)} ms, ${outageMs} are granted`,
        operations,
      },
    ]
  })
}

function lateRecoveries(history: History): readonly Found[] {
  const { recoveryMs = Infinity } = history.budgets
  return recoveriesOf(history)
    .filter(({ ms }) => ms > recoveryMs)
    .map(({ process, fault, ms, operations }) => ({
      kind: 'recovery-too-late',
      text: `client ${process} had its first good operation ${Math.round(ms)} ms after ${fault} was healed, ${recoveryMs} are granted`,
      operations,
    }))
}

/** Around the faults taken together. */
function manyFailures(history: History): readonly Found[] {
  const { failuresPerClient = Infinity } = history.budgets
  const failed = history.operations.filter((operation) => !isServed(operation))
  return [...Map.groupBy(failed, ({ process }) => process)]
    .filter(([, ones]) => ones.length > failuresPerClient * Math.max(1, history.faults.length))
    .map(([process, ones]) => ({
      kind: 'failures-too-many',
      text: `${ones.length} operations of client ${process} failed, ${failuresPerClient} are granted for each fault`,
      operations: ones.map(({ index }) => index),
    }))
}
