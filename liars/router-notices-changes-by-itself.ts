/** A router that takes a changed configuration over as soon as it is written, asked or not. */
import { watch } from 'node:fs'
import { readConfig, startRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'takes a changed configuration over as soon as it is written, asked or not',
  refutes: { 'SHARD-018': ['before'] },
} satisfies Lie

if (import.meta.main) {
  const file = process.argv[process.argv.indexOf('--config') + 1]!
  const router = await startRouter(readConfig(file), {}, undefined, () => readConfig(file))
  watch(file, () => void router.reload().catch(() => {}))
  process.on('SIGTERM', () => void router[Symbol.asyncDispose]().then(() => process.exit(0)))
}
