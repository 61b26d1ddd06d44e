/** A transaction over several shards is wholly there at the end, or wholly absent. */
import { as, effectsOf, nameOf, truthOf, type Account } from '../effects.ts'
import { checkOf, type Found } from '../finding.ts'
import type { History } from '../history/record.ts'

export default checkOf('atomic-at-the-end', 'every transaction is wholly committed or wholly absent', (history) => [
  ...halves(history),
  ...wrongSum(history),
])

const halves = (history: History): readonly Found[] =>
  effectsOf(history)
    .filter(({ places }) => places.some(({ times }) => times > 0) && places.some(({ times }) => times === 0))
    .map(({ operation, places }) => ({
      kind: 'half-transaction',
      text: `half of it is there: ${nameOf(operation)} (${operation.outcome}); ${places.map(({ where, times }) => `${where} has it ${times} times`).join(', ')}`,
      operations: [operation.index],
    }))

function wrongSum(history: History): readonly Found[] {
  const accounts = truthOf<readonly Account[]>(history, 'transfers')
  if (accounts === null) return []
  const { accounts: planted, balance } = as<{ accounts: unknown[]; balance: number }>(history.facts['transfers']!)
  const [sum, wanted] = [accounts.reduce((total, { amount }) => total + amount, 0), planted.length * balance]
  if (sum === wanted) return []
  return [{ kind: 'sum-changed', text: `all accounts together hold ${sum}, they began with ${wanted}`, operations: [] }]
}
