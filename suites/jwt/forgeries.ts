/** Tokens that nobody signed, or that are signed by what everybody has: the classical forgeries. */
import { createHmac, createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Stack } from '../../stack/stack.ts'
import { encode, partsOf, type Ways } from './verdicts.ts'

/** The claims of a token under a header of HS256, with the public key for a secret: what everybody has would be enough to sign. */
function signByPublicKey(stack: Stack, token: string, secret: string | Buffer, bits: 256 | 384 | 512 = 256): string {
  const input = `${encode({ alg: `HS${bits}`, kid: stack.issuer.keyId, typ: 'JWT' })}.${partsOf(token)[1]}`
  return `${input}.${createHmac(`sha${bits}`, secret).update(input).digest('base64url')}`
}

/** No signature, or one that is not asked for, under each spelling of none. */
export async function mintUnsigned({ stack, mint }: Ways, genuine: string): Promise<Record<string, string>> {
  const [, payload, signature] = partsOf(genuine)
  const header = (alg: string) => encode({ alg, kid: stack.issuer.keyId, typ: 'JWT' })
  const tokens: Record<string, string> = {
    'none, no signature': await mint({ forgery: 'none' }),
    'none, the signature of a good token': `${header('none')}.${payload}.${signature}`,
    'none, signed by the right key': await mint({ header: { alg: 'none' } }),
    'none, no key named': await mint({ forgery: 'none', header: { kid: undefined } }),
  }
  for (const alg of ['None', 'NONE', 'nOnE', 'none ']) tokens[`"${alg}"`] = `${header(alg)}.${payload}.`
  return tokens
}

/** The public key for a secret, in every form somebody could have it in. */
export function confuse(stack: Stack, genuine: string): Record<string, string> {
  const pem = readFileSync(stack.issuer.publicKeyFile, 'utf8')
  const key = createPublicKey(pem)
  const byPem = (bits: 256 | 384 | 512) => signByPublicKey(stack, genuine, pem, bits)
  return {
    'HS256 by the file of the public key': byPem(256),
    'HS384 by the file of the public key': byPem(384),
    'HS512 by the file of the public key': byPem(512),
    'HS256 by the file without its last line break': signByPublicKey(stack, genuine, pem.trimEnd()),
    'HS256 by the bytes of the public key': signByPublicKey(stack, genuine, key.export({ type: 'spki', format: 'der' })),
    'HS256 by the public key as JWK': signByPublicKey(stack, genuine, JSON.stringify(key.export({ format: 'jwk' }))),
    'HS256 by the modulus': signByPublicKey(stack, genuine, Buffer.from(String(key.export({ format: 'jwk' }).n), 'base64url')),
    'HS256 by nothing': signByPublicKey(stack, genuine, ''),
  }
}

/** Signatures that are all good by the algorithm that the header names, or by the pinned one under another name. */
export async function mintByOtherAlgorithm({ stack, mint }: Ways, genuine: string): Promise<Record<string, string>> {
  const tokens: Record<string, string> = {
    'HS256 by the public key': await mint({ forgery: 'hs256-with-public-key' }),
    ...confuse(stack, genuine),
  }
  for (const alg of ['RS384', 'RS512', 'PS256', 'PS512']) tokens[`${alg} by the right key`] = await mint({ header: { alg } })
  for (const alg of ['ES256', 'EdDSA', 'rs256', 'RS256 ', ['RS256'], null, undefined])
    tokens[`RS256 that calls itself ${String(JSON.stringify(alg))}`] = await mint({ header: { alg } })
  return tokens
}
