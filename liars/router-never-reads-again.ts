/** A router that says it has read its configuration again, and has not. */
import { readConfig, startRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'says it has read its configuration again, and has not',
  refutes: { 'SHARD-018': ['after'] },
} satisfies Lie

if (import.meta.main) {
  const router = await startRouter(readConfig(process.argv[process.argv.indexOf('--config') + 1]!))
  process.on('SIGTERM', () => void router[Symbol.asyncDispose]().then(() => process.exit(0)))
}
