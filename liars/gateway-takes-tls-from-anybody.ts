/** A gateway that takes TLS that nobody asked for from clients of any protocol. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes TLS that nobody asked for from clients of any protocol',
  refutes: { 'SEC-133': ['alpn'] },
} satisfies Lie

if (import.meta.main) await run(process.argv, { tls: { ...pieces.tls, demandsAlpn: false } })
