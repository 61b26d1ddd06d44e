/** A gateway that heeds the first request to stop only. */
import { loadConfig, startGateway } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'heeds the first request to stop only',
  refutes: { 'SEC-147': ['second'] },
} satisfies Lie

if (import.meta.main) {
  const config = loadConfig(process.argv[process.argv.indexOf('--config') + 1]!)
  const gateway = await startGateway(config)
  process.once('SIGTERM', () => {
    process.on('SIGTERM', () => {})
    void gateway.drain(config.limits.drainTimeoutMs).then(() => process.exit(0))
  })
}
