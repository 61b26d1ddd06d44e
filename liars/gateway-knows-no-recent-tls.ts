/** A gateway that speaks no newer TLS than 1.2, and shows a certificate that no authority of the stack signed. */
import { createSecureContext } from 'node:tls'
import { makeAuthority } from '../fixtures/certificates.ts'
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'speaks no newer TLS than 1.2, with a certificate of an unknown authority',
  refutes: { 'TLS-002': ['recent'], 'TLS-003': ['refused'] },
} satisfies Lie

if (import.meta.main) {
  const { certificate, privateKey } = await (await makeAuthority('somebody else')).issue()
  const makeContext = () => createSecureContext({ cert: certificate, key: privateKey, maxVersion: 'TLSv1.2' })
  await run(process.argv, { tls: { ...pieces.tls, makeContext } })
}
