import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { assemble, makeToken } from './testing/issuer.ts'
import { Refusal } from './reasons.ts'
import { decodeToken } from './token.ts'

const reasonOf = (text: string, maxBytes = 65_535): string => {
  try {
    decodeToken(text, maxBytes)
    return 'taken'
  } catch (cause) {
    return cause instanceof Refusal ? cause.reason : String(cause)
  }
}

test('the payload is kept to the letter', async () => {
  const payloadText = '{ "one": 1.0, "ü": [true, null, {"x": 12345678901234567890}] }'
  const token = decodeToken(await makeToken({ payloadText }), 65_535)
  expect(token.payloadText).toBe(payloadText)
  expect([...token.claims.keys()]).toEqual(['one', 'ü'])
  expect(token.header.get('kid')).toBe('k1')
})

const header = { alg: 'RS256', kid: 'k1' }
test.each([
  ['no token', 'garbage'],
  ['nothing', ''],
  ['two parts', assemble(header, {}).split('.').slice(0, 2).join('.')],
  ['five parts (JWE)', `${assemble(header, {})}.AAAA.AAAA`],
  ['white space', ` ${assemble(header, {})}`],
  ['padding', assemble(header, {}, 'AA==')],
  ['standard base64', assemble(header, {}, 'A+/A')],
  ['a second spelling of the signature', assemble(header, {}, 'AB')],
  ['an empty payload', assemble(header, '')],
  ['a payload that is a list', assemble(header, '[]')],
  ['a payload that is null', assemble(header, 'null')],
  ['a key twice', assemble(header, '{"sub":"a","sub":"b"}')],
  ['a header key twice', assemble('{"alg":"none","alg":"RS256"}', {})],
  ['bytes that are not UTF-8', `${assemble(header, {}).split('.')[0]}.${Buffer.from('7b22ff223a317d', 'hex').toString('base64url')}.AAAA`],
])('%s is malformed', (_what, text) => {
  expect(reasonOf(text)).toBe('malformed_token')
})

test('a well-formed token without signature is taken apart: the signature check refuses it', () => {
  expect(reasonOf(assemble({ alg: 'none' }, {}, ''))).toBe('taken')
})

test('the size is bounded by bytes', () => {
  expect(reasonOf('a'.repeat(300), 300)).toBe('malformed_token')
  expect(reasonOf('a'.repeat(301), 300)).toBe('token_too_large')
  expect(reasonOf('ü'.repeat(151), 300)).toBe('token_too_large')
})

test('nothing makes it fail otherwise than by a refusal', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String(), fc.webPath()), (text) =>
      ['malformed_token', 'token_too_large'].includes(reasonOf(text)),
    ),
  )
})
