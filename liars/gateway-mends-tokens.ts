/** A gateway that mends tokens that are spelt wrongly: white space, padding, another alphabet, a name twice. */
import { pieces, Refusal, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'mends tokens that are spelt wrongly: white space, padding, another alphabet, a name twice',
  refutes: {
    'JWT-015': ['rejected'],
    'JWT-114': ['encrypted', 'spelling'],
    'JWT-115': ['refused', 'no-entry'],
  },
} satisfies Lie

type Token = ReturnType<typeof pieces.decode>

/** Tokens as they were signed, by the token as it was read. */
const whole = new WeakMap<Token, Token>()

function mend(text: string): Token {
  const [header = '', payload = '', signature = ''] = text.split('.')
  const bytes = (part: string) => Buffer.from(part, 'base64').toString()
  const parsed = [header, payload].map((part) => new Map(Object.entries(parse(bytes(part)))))
  const read = { text, header: parsed[0]!, claims: parsed[1]!, payloadText: bytes(payload) }
  whole.set(read, { ...read, text: `${header.trim()}.${payload}.${signature.trim()}` })
  return read
}

function parse(text: string): object {
  try {
    return Object(JSON.parse(text.replace(/^\u{feff}/u, ''))) as object
  } catch {
    throw new Refusal('malformed_token')
  }
}

if (import.meta.main) {
  await run(process.argv, {
    decode(text, maxBytes) {
      try {
        return pieces.decode(text, maxBytes)
      } catch {
        return mend(text)
      }
    },
    checkSignature: (token, signer) => pieces.checkSignature(whole.get(token) ?? token, signer),
  })
}
