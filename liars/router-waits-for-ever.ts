/** A router that knows no limit for reaching a server. */
import { readConfig, startRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'knows no limit for reaching a server',
  refutes: { 'CONN-006': ['in-time'], 'POOL-004': ['error'] },
} satisfies Lie

const forEverMs = 600_000

if (import.meta.main) {
  const config = readConfig(process.argv[process.argv.indexOf('--config') + 1]!)
  const router = await startRouter({ ...config, pool: { ...config.pool, connectTimeoutMs: forEverMs, waitTimeoutMs: forEverMs } })
  process.on('SIGTERM', () => void router[Symbol.asyncDispose]().then(() => process.exit(0)))
}
