/** Certificates of clients: who must show one, whether it is good, and whether a token is for whoever has it. */
import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { z } from 'zod'
import type { GatewayConfig, Objection } from './config.ts'
import { Refusal } from './reasons.ts'
import { describe, type VerifiedToken } from './verify.ts'

const text = z.string().min(1)

/** Keys of `tls`. */
export const certificateKeys = {
  /** PEM; who may sign certificates of clients. */
  clientCa: text.optional(),
  clientCertificate: z.enum(['none', 'optional', 'required']).default('none'),
  /** PEM; a list of each authority in a chain, or every certificate of it is refused. */
  clientCrl: text.optional(),
  /** A token with `cnf` is for the certificate in it alone, always; `required`: there must be one. */
  tokenBinding: z.enum(['claimed', 'required']).default('claimed'),
}

export interface Certificates {
  /** Whether clients are asked for one. */
  readonly asked: boolean
  /** Throws when it is missing and must not be, or is not good. */
  check(stream: Duplex): void
  /** Throws when the token is for another certificate, or for none and must be for one. */
  checkBinding(token: VerifiedToken, stream: Duplex): VerifiedToken
}

export type CertificateTerms = Pick<NonNullable<GatewayConfig['tls']>, 'clientCertificate' | 'tokenBinding'>

export function makeCertificates({ clientCertificate, tokenBinding }: CertificateTerms): Certificates {
  return {
    asked: clientCertificate !== 'none',
    check(stream) {
      const fault = clientCertificate === 'none' ? null : faultOf(stream)
      if (fault === 'missing' && clientCertificate === 'required') throw new Refusal('certificate_missing')
      if (fault !== null && fault !== 'missing') throw new Refusal('certificate_refused', { detail: fault })
    },
    checkBinding(token, stream) {
      const confirmation = token.claims.get('cnf')
      if (confirmation !== undefined) checkConfirmation(confirmation, stream, token)
      else if (tokenBinding === 'required') throw new Refusal('token_not_bound', describe(token.claims))
      return token
    },
  }
}

/** What cannot be confirmed is not confirmed: a token bound to something else than a certificate is of no use here. */
function checkConfirmation(confirmation: unknown, stream: Duplex, { claims }: VerifiedToken): void {
  const wanted = (confirmation as Readonly<Record<string, unknown>> | null)?.['x5t#S256']
  if (typeof wanted !== 'string' || wanted !== thumbprintOf(stream)) throw new Refusal('certificate_mismatch', describe(claims))
}

/** 'missing', what is wrong with it, or null. */
function faultOf(stream: Duplex): string | null {
  if (!(stream instanceof TLSSocket) || stream.getPeerX509Certificate() === undefined) return 'missing'
  // What a TLS server of Node looks at itself; for a socket that was upgraded there is no other way to it.
  const { _handle: handle } = stream as unknown as {
    readonly _handle: { verifyError?(): (Error & { readonly code?: string }) | null } | null
  }
  if (typeof handle?.verifyError !== 'function') return 'cannot be verified'
  const error = handle.verifyError()
  return error === null || error === undefined ? null : (error.code ?? error.message)
}

/** SHA-256 of a certificate that is good; null without. */
function thumbprintOf(stream: Duplex): string | null {
  if (faultOf(stream) !== null) return null
  const certificate = (stream as TLSSocket).getPeerX509Certificate()!
  return createHash('sha256').update(certificate.raw).digest('base64url')
}

export function unsafeCertificates({ tls }: GatewayConfig): Objection[] {
  if (tls === undefined) return []
  const { clientCa, clientCertificate, clientCrl, tokenBinding } = tls
  const at = (key: string, message: string): Objection => ({ path: ['tls', key], message })
  if (clientCertificate === 'none')
    return [
      ...(clientCa === undefined
        ? []
        : [at('clientCa', 'nobody is asked for a certificate: set clientCertificate to optional or required')]),
      ...(clientCrl === undefined
        ? []
        : [at('clientCrl', 'nobody is asked for a certificate: set clientCertificate to optional or required')]),
      ...(tokenBinding === 'claimed'
        ? []
        : [at('tokenBinding', 'nobody is asked for a certificate: set clientCertificate to optional or required')]),
    ]
  return clientCa === undefined ? [at('clientCertificate', 'name in clientCa whose certificates are taken')] : []
}
