/** A gateway that answers every login that fails as an error of its own. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'answers every login that fails as an error of its own',
  refutes: {
    'AUTH-001': ['listener'],
    'AUTH-002': ['listener'],
    'ERR-001': ['postgres'],
  },
} satisfies Lie

if (import.meta.main) {
  const row = { sqlstate: 'XX000', wording: 'something went wrong', level: 'info' } as const
  const table = Object.fromEntries(Object.keys(pieces.reasons).map((reason) => [reason, row])) as unknown as typeof pieces.reasons
  await run(process.argv, { reasons: table })
}
