/** A router that turns clients away as soon as no connection is free. */
import { readConfig, startRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'turns clients away as soon as no connection is free',
  refutes: { 'POOL-004': ['waits', 'served'] },
} satisfies Lie

if (import.meta.main) {
  const config = readConfig(process.argv[process.argv.indexOf('--config') + 1]!)
  const router = await startRouter({ ...config, pool: { ...config.pool, waitTimeoutMs: 100 } })
  process.on('SIGTERM', () => void router[Symbol.asyncDispose]().then(() => process.exit(0)))
}
