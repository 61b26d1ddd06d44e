/** The keys of SCRAM-SHA-256 (RFC 5802, RFC 7677): from password to what a server stores. */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'

/** What a server needs to check a password without knowing it. */
export interface ScramVerifier {
  readonly iterations: number
  readonly salt: Buffer
  readonly storedKey: Buffer
  readonly serverKey: Buffer
}

export const scramMechanism = 'SCRAM-SHA-256'

export const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
export const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest()

export function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, i) => byte ^ (b[i] ?? 0)))
}

/**
 * SaltedPassword. SASLprep is done only as far as ASCII, where it changes nothing; a password beyond ASCII is taken as its UTF-8 bytes,
 * which is what Postgres falls back to as well, but not always what it takes (it would normalise to NFKC first).
 */
export function saltPassword(password: string, salt: Buffer, iterations: number): Buffer {
  return pbkdf2Sync(Buffer.from(password, 'utf8'), salt, iterations, 32, 'sha256')
}

export const clientKeyOf = (salted: Buffer): Buffer => hmac(salted, 'Client Key')
export const serverKeyOf = (salted: Buffer): Buffer => hmac(salted, 'Server Key')

/** Makes what a server stores. Costs `iterations` rounds of PBKDF2: make it once per user, not per login. */
export function scramVerifier(password: string, options: { readonly salt?: Buffer; readonly iterations?: number } = {}): ScramVerifier {
  const salt = options.salt ?? randomBytes(16)
  const iterations = options.iterations ?? 4096
  const salted = saltPassword(password, salt, iterations)
  return { iterations, salt, storedKey: sha256(clientKeyOf(salted)), serverKey: serverKeyOf(salted) }
}

/** A verifier no password fits, the same for the same user each time, so that a stranger cannot tell which users exist. */
export function mockVerifier(user: string, secret: Buffer, iterations = 4096): ScramVerifier {
  const derive = (what: string): Buffer => hmac(secret, `${what}:${user}`)
  return { iterations, salt: derive('salt').subarray(0, 16), storedKey: derive('stored'), serverKey: derive('server') }
}
