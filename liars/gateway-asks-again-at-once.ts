/** A gateway that knows no cool-down between fetches of keys. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'knows no cool-down between fetches of keys',
  refutes: {
    'JWT-104': ['cool-down'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, { makeKeySource: (terms) => pieces.makeKeySource({ ...terms, cooldownMs: 0 }) })
}
