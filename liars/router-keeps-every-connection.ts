/** A router that never closes a server connection it has opened. */
import { readConfig, startRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'never closes a server connection it has opened',
  refutes: { 'POOL-003': ['shrunk'] },
} satisfies Lie

if (import.meta.main) {
  const config = readConfig(process.argv[process.argv.indexOf('--config') + 1]!)
  const router = await startRouter({ ...config, pool: { ...config.pool, idleTimeoutMs: 86_400_000 } })
  process.on('SIGTERM', () => void router[Symbol.asyncDispose]().then(() => process.exit(0)))
}
