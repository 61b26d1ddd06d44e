/** A router that waits for ever for a server that says nothing, and lets its clients wait with it. */
import { readConfig, startRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'waits for ever for a server that says nothing',
  refutes: { 'CHAOS-003': ['in-time'] },
} satisfies Lie

const forEverMs = 600_000

if (import.meta.main) {
  const config = readConfig(process.argv[process.argv.indexOf('--config') + 1]!)
  const pool = { ...config.pool, answerTimeoutMs: 0, waitTimeoutMs: forEverMs, connectTimeoutMs: forEverMs }
  const router = await startRouter({ ...config, pool })
  process.on('SIGTERM', () => void router[Symbol.asyncDispose]().then(() => process.exit(0)))
}
