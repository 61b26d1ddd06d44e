/** A gateway that begins its log with its configuration, passwords and keys included. */
import { loadConfig, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'begins its log with its configuration, passwords and keys included',
  refutes: { 'ERR-006': ['no-secrets'] },
} satisfies Lie

if (import.meta.main) {
  console.log(JSON.stringify({ level: 'info', config: loadConfig(process.argv[process.argv.indexOf('--config') + 1]!) }))
  await run(process.argv)
}
