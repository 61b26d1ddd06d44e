/** A gateway that serves clients that come without TLS. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'serves clients that come without TLS',
  refutes: { 'TLS-001': ['refused'], 'SEC-004': ['disabled', 'bare-startup'] },
} satisfies Lie

if (import.meta.main) await run(process.argv, { tls: { ...pieces.tls, required: false } })
