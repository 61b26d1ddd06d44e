/** Issuers for unit tests: keys made once per process, tokens signed over whatever payload a test wants. */
import { CompactSign, importPKCS8 } from 'jose'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { Algorithm } from '../algorithms.ts'
import { importKey } from '../keyring.ts'

export interface TestKey {
  readonly publicPem: string
  readonly privatePem: string
}

export function makeKey(bits = 2048): TestKey {
  return exported(generateKeyPairSync('rsa', { modulusLength: bits }))
}

/** A key of the kind this algorithm signs with. */
export function makeKeyFor(algorithm: Algorithm): TestKey {
  if (algorithm === 'ES256') return exported(generateKeyPairSync('ec', { namedCurve: 'P-256' }))
  return algorithm === 'EdDSA' ? exported(generateKeyPairSync('ed25519')) : makeKey()
}

export function exported({ publicKey, privateKey }: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }): TestKey {
  return {
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

export const key = makeKey()
export const otherKey = makeKey()

/** The first of them, as the gateway holds it. */
export const trustedKey = importKey('k1', 'RS256', key.publicPem, 'k1')

export const issuerName = 'https://issuer.test'
export const audience = 'orochi'

/** Claims that are good at `nowMs`. */
export function goodClaims(nowMs = Date.now()): Record<string, unknown> {
  const now = Math.floor(nowMs / 1000)
  return {
    iss: issuerName,
    aud: audience,
    sub: 'user-1',
    role: 'tenant_user',
    tenant_id: 'tenant-a',
    iat: now,
    exp: now + 3600,
    jti: 'token-1',
  }
}

export interface Wish {
  readonly claims?: Readonly<Record<string, unknown>>
  readonly payloadText?: string
  readonly kid?: string
  readonly signedBy?: TestKey
  /** RS256 unless said otherwise. */
  readonly algorithm?: Algorithm
  /** Further fields of the header. */
  readonly header?: Readonly<Record<string, string>>
  readonly nowMs?: number
}

export async function makeToken(wish: Wish = {}): Promise<string> {
  const payload = wish.payloadText ?? JSON.stringify({ ...goodClaims(wish.nowMs), ...wish.claims })
  const alg = wish.algorithm ?? 'RS256'
  const signer = await importPKCS8((wish.signedBy ?? key).privatePem, alg)
  return await new CompactSign(Buffer.from(payload)).setProtectedHeader({ ...wish.header, alg, kid: wish.kid ?? 'k1' }).sign(signer)
}

/** A token nobody signed in earnest. */
export function assemble(header: object | string, payload: object | string, signature = 'AAAA'): string {
  const encode = (part: object | string) => Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
  return `${encode(header)}.${encode(payload)}.${signature}`
}
