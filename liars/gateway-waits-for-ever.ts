/** A gateway that gives clients all the time in the world to log in. */
import { loadConfig, startGateway } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'gives clients all the time in the world to log in',
  refutes: { 'ERR-005': ['closed', 'released'], 'SEC-131': ['cut-off'] },
} satisfies Lie

const forEverMs = 3_600_000

if (import.meta.main) {
  const config = loadConfig(process.argv[process.argv.indexOf('--config') + 1]!)
  const gateway = await startGateway({ ...config, limits: { ...config.limits, startupTimeoutMs: forEverMs } })
  process.on('SIGTERM', () => void gateway.drain(0).then(() => process.exit(0)))
}
