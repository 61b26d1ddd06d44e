/** A gateway that reaches for the pooler before it has looked at the token. */
import { addressesOf, loadConfig, pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'reaches for the pooler before it has looked at the token',
  refutes: { 'SEC-146': ['nothing-reached'], 'CONN-004': ['no-backend'] },
} satisfies Lie

if (import.meta.main) {
  const { upstream, routing } = loadConfig(process.argv[process.argv.indexOf('--config') + 1]!)
  const [at] = addressesOf(upstream ?? routing!.clusters[0]!.branches[0]!)!
  await run(process.argv, {
    async admit(steps) {
      const signal = new AbortController().signal
      const early = await pieces.dial({ name: 'the pooler', at: at as { host: string; port: number }, tls: null }, signal)
      return await pieces.admit(steps).finally(() => early.destroy())
    },
  })
}
