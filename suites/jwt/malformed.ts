/** Strings that are no token, each by what is wrong with it. */
import type { Stack } from '../../stack/stack.ts'
import { encode, encodeText, partsOf, signByIssuer } from './verdicts.ts'

const notUtf8 = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString('base64url')

/** What can be seen without a key. */
export function malform(genuine: string): Record<string, string> {
  const [header, payload, signature] = partsOf(genuine)
  const signed = (first: string, second: string) => `${first}.${second}.${signature}`
  return {
    'no segment but the dots of three': '..',
    'one segment': header,
    'one segment that is any password': 'correct horse battery staple',
    'two segments': `${header}.${payload}`,
    'four segments': `${genuine}.${signature}`,
    'four segments, the last empty': `${genuine}.`,
    'five segments, as encrypted tokens have': `${genuine}.${signature}.${signature}`,
    'a header that is no base64': signed('§§§§', payload),
    'a payload that is no base64': signed(header, '!!!!'),
    'a signature that is no base64': `${header}.${payload}.$$$$`,
    'base64 of the other alphabet': signed(header, `${payload.slice(0, -4)}+/+/`),
    'base64 with its padding': signed(header, `${payload}${'='.repeat(4 - (payload.length % 4))}`),
    'base64 one character short': signed(header, `${payload.slice(0, payload.length - (payload.length % 4))}A`),
    'a space inside': signed(header, ` ${payload}`),
    'a line break at the end': `${genuine}\n`,
    'an empty header': signed('', payload),
    'an empty payload': signed(header, ''),
    'a header that is no JSON': signed(encodeText('{"alg":"RS256"'), payload),
    'a payload that is no JSON': signed(header, encodeText('{sub: user-1}')),
    'a payload that is JSON and more': signed(header, encodeText('{"sub":"user-1"} {}')),
    'a payload that is a list': signed(header, encodeText('["sub","user-1"]')),
    'a payload that is null': signed(header, encodeText('null')),
    'a payload that is no UTF-8': signed(header, notUtf8),
    'a payload with a name twice': signed(header, encodeText('{"sub":"user-1","sub":"user-2"}')),
    'a payload nested without end': signed(header, encodeText('['.repeat(30_000))),
  }
}

/** What says that it is to be read in another way than a plain signed token is: all of it signed by the right key. */
export function mintOtherReadings(stack: Stack, genuine: string): Record<string, string> {
  const [, payload] = partsOf(genuine)
  const header = { alg: 'RS256', kid: stack.issuer.keyId, typ: 'JWT' }
  const under = (fields: object) => signByIssuer(stack, `${encode({ ...header, ...fields })}.${payload}`)
  return {
    'a critical field nobody knows': under({ crit: ['urn:orochi:purpose'], 'urn:orochi:purpose': 'login' }),
    'a critical field that is known': under({ crit: ['b64'], b64: true }),
    'an empty list of critical fields': under({ crit: [] }),
    'critical fields that are no list': under({ crit: 'exp' }),
    'a payload that is not encoded': under({ crit: ['b64'], b64: false }),
    'a payload that is not encoded, which is not called critical': under({ b64: false }),
    'a compressed payload': under({ zip: 'DEF' }),
    'an encrypted payload by the name of it': under({ enc: 'A256GCM' }),
  }
}

/** Encrypted tokens have five parts. */
export function encryptedTokens(stack: Stack, genuine: string): Record<string, string> {
  const [, payload, signature] = partsOf(genuine)
  const header = (fields: object) => encode({ kid: stack.issuer.keyId, typ: 'JWT', enc: 'A256GCM', ...fields })
  return {
    'encrypted for an RSA key': `${header({ alg: 'RSA-OAEP-256' })}.${signature}.AAAAAAAAAAAAAAAA.${payload}.AAAAAAAAAAAAAAAAAAAAAA`,
    'encrypted by a key both know': `${header({ alg: 'dir' })}..AAAAAAAAAAAAAAAA.${payload}.AAAAAAAAAAAAAAAAAAAAAA`,
    'encrypted and called signed': `${header({ alg: 'RS256' })}..AAAAAAAAAAAAAAAA.${payload}.${signature}`,
    'signed, with two parts more': `${genuine}.AAAA.AAAA`,
  }
}

/** One token under other spellings: the text is signed as it stands, so that its signature is good. */
export function respell(stack: Stack, genuine: string): Record<string, string> {
  const [header, payload] = partsOf(genuine)
  const text = Buffer.from(payload, 'base64url').toString()
  // A name that makes both characters of the other alphabet, whatever stands around it.
  const [standard = ''] = ['', ' ', '  ']
    .map((gap) =>
      Buffer.from(text.replace('{', `{${gap}"note":"~~~???~~~???",`))
        .toString('base64')
        .replace(/=+$/, ''),
    )
    .filter((encoded) => encoded.includes('/') && encoded.includes('+'))
  const padded = ['', ' ', '  '].map((gap) => Buffer.from(text.replace('{', `{${gap}`)).toString('base64')).find((one) => one.endsWith('='))
  const asUrl = (encoded = '') => encoded.replaceAll('+', '-').replaceAll('/', '_')
  const twice = text.replace('{', '{"tenant_id":"tenant-b",')
  const twiceByEscape = text.replace('{', String.raw`{"tenant_\u0069d":"tenant-b",`)
  const nestedTwice = text.replace('{', '{"app":{"a":1,"a":2},')
  const headerTwice = `{"alg":"RS256","kid":"${stack.issuer.keyId}","alg":"RS256"}`
  return {
    'the standard alphabet': signByIssuer(stack, `${header}.${standard}`),
    padding: signByIssuer(stack, `${header}.${asUrl(padded)}`),
    'a space in front': ` ${genuine}`,
    'a line break behind': `${genuine}\n`,
    'a line break in the payload': signByIssuer(stack, `${header}.${payload.slice(0, 40)}\n${payload.slice(40)}`),
    'a space before the signature': genuine.replace(/\.(?=[^.]*$)/, '. '),
    'a claim twice': signByIssuer(stack, `${header}.${encodeText(twice)}`),
    'a claim twice, one of them by an escape': signByIssuer(stack, `${header}.${encodeText(twiceByEscape)}`),
    'a name twice further in': signByIssuer(stack, `${header}.${encodeText(nestedTwice)}`),
    'a field of the header twice': signByIssuer(stack, `${encodeText(headerTwice)}.${payload}`),
    'a mark of the byte order in front': signByIssuer(stack, `${header}.${encodeText(`\u{feff}${text}`)}`),
    'JSON and a line break and more': signByIssuer(stack, `${header}.${encodeText(`${text}\n{}`)}`),
  }
}
