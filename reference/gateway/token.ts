/** Takes a token apart, exactly: whatever could be read in two ways is refused before anybody looks at what it says. */
import { parseStrictly } from './json-text.ts'
import { Refusal } from './reasons.ts'

export type Claims = ReadonlyMap<string, unknown>

/** A token taken apart; nothing in it is to be believed yet. */
export interface DecodedToken {
  readonly text: string
  readonly header: Claims
  readonly claims: Claims
  /** The payload's JSON, character by character as it was signed. */
  readonly payloadText: string
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A compact JWS of three canonical base64url parts, two of them JSON objects. Throws a Refusal. */
export function decodeToken(text: string, maxBytes: number): DecodedToken {
  if (Buffer.byteLength(text) > maxBytes) throw new Refusal('token_too_large')
  const parts = text.split('.', 4)
  if (parts.length !== 3) throw malformed('not three parts')
  const [header, payload] = parts.slice(0, 2).map(decodePart)
  checkSignaturePart(parts[2] ?? '')
  return { text, header: parseObject(header ?? ''), claims: parseObject(payload ?? ''), payloadText: payload ?? '' }
}

function decodePart(part: string): string {
  try {
    return strictUtf8.decode(decodeBase64url(part))
  } catch (cause) {
    if (cause instanceof Refusal) throw cause
    throw malformed('not UTF-8')
  }
}

/** An empty signature is well formed: that it is worth nothing is for the signature check to say. */
function checkSignaturePart(part: string): void {
  if (part !== '') decodeBase64url(part)
}

/** One value has one spelling, else one token would have many. */
function decodeBase64url(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url')
  if (part === '' || bytes.toString('base64url') !== part) throw malformed('not canonical base64url')
  return bytes
}

function parseObject(text: string): Claims {
  const parsed = parseStrictly(text)
  if ('fault' in parsed) throw malformed(parsed.fault)
  if (typeof parsed.value !== 'object' || parsed.value === null || Array.isArray(parsed.value)) throw malformed('not an object')
  return new Map(Object.entries(parsed.value))
}

export function malformed(detail: string, claim?: string): Refusal {
  return new Refusal('malformed_token', claim === undefined ? { detail } : { detail, claim })
}
