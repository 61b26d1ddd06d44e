/** A gateway that shows the certificate it started with for ever. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'shows the certificate it started with for ever',
  refutes: { 'TLS-007': ['new-sessions'] },
} satisfies Lie

let first: ReturnType<typeof pieces.tls.makeContext> | null = null

if (import.meta.main) {
  await run(process.argv, { tls: { ...pieces.tls, makeContext: (...pem) => (first ??= pieces.tls.makeContext(...pem)) } })
}
