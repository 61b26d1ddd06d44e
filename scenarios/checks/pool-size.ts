/** Whatever befell the connections, in the end the pool is no larger than it is meant to be, and no connection is stuck in a transaction. */
import { as } from '../effects.ts'
import { checkOf } from '../finding.ts'
import type { History, Sample } from '../history/record.ts'

export default checkOf('pool-size', 'the pool returns to its size', (history) => {
  const { size, instances } = as<{ size: number; instances: number }>(history.facts['pool'] ?? { size: Infinity, instances: 1 })
  const most = size * instances
  return [
    ...lastOf(history, 'connections')
      .filter(({ value }) => value > most)
      .map(({ where, value }) => ({
        kind: 'pool-outgrown',
        text: `${value} pooled connections are open on ${where} in the end, ${instances} × ${size} are meant to be`,
        operations: [],
      })),
    ...lastOf(history, 'idle')
      .filter(({ value }) => value > 0)
      .map(({ where, value }) => ({
        kind: 'left-in-transaction',
        text: `${value} pooled connections on ${where} are still in a transaction that nobody is in any more`,
        operations: [],
      })),
  ]
})

/** Only a history that was played to its end says how things were in the end. */
function lastOf({ samples, cutOff }: History, wanted: string): readonly Sample[] {
  if (cutOff) return []
  return [...new Map(samples.filter(({ name }) => name === wanted).map((sample) => [sample.where, sample])).values()]
}
