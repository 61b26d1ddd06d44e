/** A gateway that goes to the first of its poolers, whatever has become of it. */
import { loadConfig, pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'goes to the first of its poolers, whatever has become of it',
  refutes: { 'CHAOS-004': ['connects'] },
} satisfies Lie

if (import.meta.main) {
  const { upstream } = loadConfig(process.argv[process.argv.indexOf('--config') + 1]!)
  const first = upstream?.addresses?.find((address) => 'port' in address)
  await run(process.argv, {
    dial: (address, signal) => pieces.dial(first === undefined ? address : { ...address, at: first }, signal),
  })
}
