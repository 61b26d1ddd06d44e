/** A gateway that tells a client the reason for which it refuses a token. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'tells a client the reason for which it refuses a token',
  refutes: { 'SEC-146': ['alike'], 'JWT-109': ['alike'] },
} satisfies Lie

if (import.meta.main) {
  const table = Object.fromEntries(Object.entries(pieces.reasons).map(([reason, row]) => [reason, { ...row, wording: reason }]))
  await run(process.argv, { reasons: table as unknown as typeof pieces.reasons })
}
