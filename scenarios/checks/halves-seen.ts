/** How long readers saw one half of a transaction, against the budget. */
import { halvesOf } from '../figures.ts'
import { checkOf } from '../finding.ts'

export default checkOf('halves-seen', 'readers see halves of transactions no longer than is granted', (history) => {
  const { halvesMs = Infinity } = history.budgets
  return halvesOf(history)
    .filter(({ ms }) => ms > halvesMs)
    .map(({ tag, ms, operations }) => ({
      kind: 'half-seen-too-long',
      text: `readers saw one half of transfer ${tag} for ${Math.round(ms)} ms, ${halvesMs} are granted`,
      operations,
    }))
})
