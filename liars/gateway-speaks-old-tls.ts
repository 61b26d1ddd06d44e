/** A gateway that speaks whatever version of TLS, with whatever cipher, a client offers. */
import { createSecureContext } from 'node:tls'
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'speaks whatever version of TLS, with whatever cipher, a client offers',
  refutes: { 'TLS-002': ['old'], 'TLS-006': ['none'], 'SEC-139': ['old'] },
} satisfies Lie

if (import.meta.main) {
  const makeContext = (cert: string, key: string, clients?: object) =>
    createSecureContext({ cert, key, ...clients, minVersion: 'TLSv1', ciphers: 'ALL:eNULL:@SECLEVEL=0' })
  await run(process.argv, { tls: { ...pieces.tls, makeContext } })
}
