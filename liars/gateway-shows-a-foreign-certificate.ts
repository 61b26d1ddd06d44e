/** A gateway that shows a certificate that no authority of the stack signed. */
import { run, pieces } from '../reference/gateway/index.ts'
import { makeAuthority } from '../fixtures/certificates.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'shows a certificate that no authority of the stack signed',
  refutes: { 'CONN-002': ['handshake', 'encrypted'] },
} satisfies Lie

if (import.meta.main) {
  const { certificate, privateKey } = await (await makeAuthority('somebody else')).issue()
  await run(process.argv, { tls: { ...pieces.tls, makeContext: () => pieces.tls.makeContext(certificate, privateKey) } })
}
