/** A gateway that does not check signatures. */
import { run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'does not check signatures',
  refutes: { 'JWT-003': ['wrong-key', 'altered-payload', 'reason'], 'CONN-004': ['fatal', 'sqlstate', 'no-backend'] },
} satisfies Lie

if (import.meta.main) await run(process.argv, { checkSignature: () => {} })
