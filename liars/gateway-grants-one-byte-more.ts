/** A gateway that takes a token that is one byte larger than any may be, and waits for all of it. */
import { loadConfig, startGateway } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes a token that is one byte larger than any may be, and waits for all of it',
  refutes: {
    'JWT-116': ['too-large', 'unbuffered'],
  },
} satisfies Lie

if (import.meta.main) {
  const config = loadConfig(process.argv[process.argv.indexOf('--config') + 1]!)
  Object.assign(config.tokens, { maxBytes: 100_000_000 })
  await startGateway(config)
}
