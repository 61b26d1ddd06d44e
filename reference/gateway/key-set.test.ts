import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeySetFault, readKeySet } from './key-set.ts'

const terms = { maxKeys: 10 }
const rsa = (bits = 2048) => generateKeyPairSync('rsa', { modulusLength: bits })
const jwkOf = (key: KeyObject, more: Readonly<Record<string, unknown>> = {}) => ({ ...key.export({ format: 'jwk' }), kid: 'k1', ...more })
const strong = rsa()
const good = jwkOf(strong.publicKey)
const ec = (curve: string) => jwkOf(generateKeyPairSync('ec', { namedCurve: curve }).publicKey)
const ed = jwkOf(generateKeyPairSync('ed25519').publicKey)

const read = (...keys: readonly unknown[]) => readKeySet(JSON.stringify({ keys }), terms)
const why = (key: unknown) =>
  read(key)
    .left.map((left) => left.why)
    .join()

test.each([
  [good, 'RS256'],
  [{ ...good, alg: 'RS384' }, 'RS384'],
  [{ ...good, alg: 'PS256', use: 'sig', key_ops: ['verify'] }, 'PS256'],
  [ec('P-256'), 'ES256'],
  [ed, 'EdDSA'],
])('a good key is good for one algorithm', (jwk, algorithm) => {
  expect(read(jwk).keys.map(({ id, algorithm: its }) => [id, its])).toEqual([['k1', algorithm]])
})

test.each([
  [jwkOf(rsa(1024).publicKey), /2048 to/],
  [{ ...good, e: 'AQ' }, /exponent|no key/],
  [{ ...good, e: 'AAAAAAAAAAAB' }, /exponent|no key/],
  [{ ...good, e: Buffer.alloc(64, 0xff).toString('base64url') }, /exponent|no key/],
  [{ ...good, n: Buffer.alloc(1024, 0xff).toString('base64url') }, /4096 bits/],
  [{ ...good, n: Buffer.alloc(256, 0xfe).toString('base64url') }, /odd/],
  [{ ...good, use: 'enc' }, /something else/],
  [{ ...good, key_ops: ['sign'] }, /not for verifying/],
  [{ ...good, key_ops: 'verify' }, /not for verifying/],
  [{ ...good, alg: 'HS256' }, /no algorithm/],
  [{ ...good, alg: 'none' }, /no algorithm/],
  [{ ...good, alg: 'ES256' }, /no algorithm/],
  [{ ...good, kty: '__proto__' }, /no algorithm/],
  [{ ...good, kid: undefined }, /without an id/],
  [{ ...good, kid: 'k'.repeat(300) }, /without an id/],
  [{ ...good, kid: 7 }, /without an id/],
  [jwkOf(strong.privateKey), /secret key/],
  [{ kty: 'oct', k: 'AAAA', kid: 'k1', alg: 'HS256' }, /secret key/],
  [ec('P-384'), /P-256/],
  [ec('secp256k1'), /P-256/],
  [jwkOf(generateKeyPairSync('ed448').publicKey), /Ed25519/],
  [{ ...good, n: '!!' }, /no key|2048/],
  [{ kty: 'EC', crv: 'P-256', x: ec('P-256').x, y: ec('P-256').y, kid: 'k1' }, /no key/],
  ['a text', /without an id/],
])('a key that will not do is left out, with a reason (%#)', (jwk, reason) => {
  expect(read(jwk).keys).toEqual([])
  expect(why(jwk)).toMatch(reason)
})

test('two keys of one id are neither', () => {
  const set = read(good, jwkOf(rsa().publicKey), { ...ed, kid: 'k2' })
  expect(set.keys.map(({ id }) => id)).toEqual(['k2'])
  expect(set.left).toEqual([{ id: 'k1', why: 'its id is there more than once' }])
})

test('an issuer that signs by one algorithm has keys for that only', () => {
  const set = readKeySet(JSON.stringify({ keys: [good, { ...ed, kid: 'k2' }] }), { maxKeys: 2, algorithms: ['PS256'] })
  expect(set.keys.map(({ algorithm }) => algorithm)).toEqual(['PS256'])
})

test('an empty set is a set; what is none is a fault', () => {
  expect(read().keys).toEqual([])
  for (const text of [
    '',
    '[]',
    '{}',
    'null',
    '{"keys":{}}',
    '{"keys":[],"keys":[]}',
    `{"keys":[${'{},'.repeat(10)}{}]}`,
    '['.repeat(30_000),
  ])
    expect(() => readKeySet(text, terms), text.slice(0, 40)).toThrow(KeySetFault)
})

test('whatever it is given, it gives keys, reasons or a fault', () => {
  const member = fc.oneof(fc.constantFrom(...Object.values(good).filter((value) => typeof value === 'string')), fc.jsonValue())
  const jwk = fc.dictionary(fc.constantFrom('kty', 'n', 'e', 'kid', 'use', 'alg', 'x', 'y', 'crv', 'key_ops'), member)
  fc.assert(
    fc.property(fc.array(jwk, { maxLength: 4 }), (keys) => {
      const set = read(...keys)
      expect(set.keys.length + set.left.length).toBeLessThanOrEqual(2 * keys.length)
    }),
  )
})
