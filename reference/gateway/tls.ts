/** Ends TLS on a connection that asked for it, or began with it. */
import { constants } from 'node:crypto'
import type { Socket } from 'node:net'
import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls'
import { ConfigError } from './config-error.ts'

export interface TlsPolicy {
  /** Whether a client that comes without TLS is refused before it is asked for a token. */
  readonly required: boolean
  /** Whether TLS without asking takes ALPN. */
  readonly demandsAlpn: boolean
  readonly makeContext: (cert: string, key: string, clients?: ClientTrust) => SecureContext
}

/** Whose certificates clients may show, and which of them are revoked. PEM. */
export interface ClientTrust {
  readonly ca: string
  readonly crl?: string
}

/** A client that names others only is turned away by the handshake itself. */
export const applicationProtocol = 'postgresql'

/**
 * TLS 1.2 or newer, no renegotiation, no tickets: a resumed session would bring along the host name, and the checks, of an earlier one.
 */
export const tlsPolicy: TlsPolicy = { required: true, demandsAlpn: true, makeContext }

function makeContext(cert: string, key: string, clients?: ClientTrust): SecureContext {
  try {
    return createSecureContext({
      cert,
      key,
      ...clients,
      minVersion: 'TLSv1.2',
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_TICKET,
    })
  } catch (cause) {
    throw new ConfigError(
      `tls: certificate and key${clients === undefined ? '' : ', clientCa and clientCrl'} do not go together or are not PEM (${cause instanceof Error ? cause.message : 'unknown'})`,
    )
  }
}

/** The encrypted stream once the handshake is over; null when it fails. The socket must be paused and have no listeners left. */
export function endTls(socket: Socket, secureContext: SecureContext, asksCertificate: boolean): Promise<TLSSocket | null> {
  const { promise, resolve } = Promise.withResolvers<TLSSocket | null>()
  const secured = new TLSSocket(socket, {
    isServer: true,
    secureContext,
    requestCert: asksCertificate,
    // One that is not good is refused in words, once there is somebody to say them to.
    rejectUnauthorized: false,
    ALPNProtocols: [applicationProtocol],
  })
  secured.once('secure', () => resolve(secured))
  // Whoever leaves in the middle may leave the other half open.
  for (const gone of ['end', 'close']) secured.once(gone, () => resolve(null))
  // An error is followed by `close`, which says it all.
  secured.on('error', () => {})
  return promise
}
