/** Takes SCRAM messages apart: `k=v` attributes separated by commas, in the order RFC 5802 fixes. */
import { ProtocolViolation } from './violation.ts'

/** Attributes in order; throws unless their letters begin with exactly those of `letters` (extensions may follow). */
export function readAttributes(text: string, letters: string): string[] {
  const attributes = text.split(',')
  return [...letters].map((letter, i) => {
    const attribute = attributes[i]
    if (!attribute?.startsWith(`${letter}=`)) throw violation(`a SCRAM message lacks its attribute ${letter}`)
    return attribute.slice(2)
  })
}

/** Base64 as RFC 4648 writes it, nothing else: Node's own decoder would skip what it does not know. */
export function readBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) throw violation('a SCRAM message holds malformed base64')
  return bytes
}

/** Nonces are printable ASCII without comma. */
export function checkNonce(nonce: string): string {
  if (!/^[\x21-\x2b\x2d-\x7e]+$/.test(nonce)) throw violation('a SCRAM nonce holds what a nonce cannot hold')
  return nonce
}

export function violation(message: string): ProtocolViolation {
  return new ProtocolViolation('bad-scram', message)
}
