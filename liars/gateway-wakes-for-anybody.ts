/** A gateway that asks for a cluster to be woken before it has looked at the token. */
import { loadConfig, pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'asks for a cluster to be woken before it has looked at the token',
  refutes: { 'SEC-145': ['no-call', 'one-call'] },
} satisfies Lie

if (import.meta.main) {
  const file = process.argv[process.argv.indexOf('--config') + 1]!
  await run(process.argv, {
    async admit(steps) {
      const { wake } = loadConfig(file)
      if (wake !== undefined) await fetch(`${wake.controlPlane}/api/v1/internal/clusters/local/wake`, { method: 'POST' }).catch(() => {})
      return await pieces.admit(steps)
    },
  })
}
