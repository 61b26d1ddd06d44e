/** What a server asks for, and says, during login: the messages under the letter R. */
import { backendType } from './letters.ts'
import { Reader } from './reader.ts'
import { byte, cstring, message, uint32 } from './writer.ts'

export type AuthenticationMessage =
  | { readonly kind: 'authentication-ok' }
  | { readonly kind: 'authentication-cleartext' }
  | { readonly kind: 'authentication-md5'; readonly salt: Buffer }
  | { readonly kind: 'authentication-sasl'; readonly mechanisms: readonly string[] }
  | { readonly kind: 'authentication-sasl-continue'; readonly data: Buffer }
  | { readonly kind: 'authentication-sasl-final'; readonly data: Buffer }
  /** A method this codec does not speak (Kerberos, GSS, SSPI). */
  | { readonly kind: 'authentication-other'; readonly method: number; readonly data: Buffer }

export function decodeAuthentication(reader: Reader): AuthenticationMessage {
  const method = reader.uint32()
  switch (method) {
    case 0:
      return { kind: 'authentication-ok' }
    case 3:
      return { kind: 'authentication-cleartext' }
    case 5:
      return { kind: 'authentication-md5', salt: reader.bytes(4) }
    case 10:
      return { kind: 'authentication-sasl', mechanisms: decodeMechanisms(reader) }
    case 11:
      return { kind: 'authentication-sasl-continue', data: reader.rest() }
    case 12:
      return { kind: 'authentication-sasl-final', data: reader.rest() }
    default:
      return { kind: 'authentication-other', method, data: reader.rest() }
  }
}

function decodeMechanisms(reader: Reader): string[] {
  const mechanisms: string[] = []
  for (let name = reader.cstring(); name !== ''; name = reader.cstring()) mechanisms.push(name)
  return mechanisms
}

export function encodeAuthentication(m: AuthenticationMessage): Buffer {
  switch (m.kind) {
    case 'authentication-ok':
      return ask(0)
    case 'authentication-cleartext':
      return ask(3)
    case 'authentication-md5':
      return ask(5, m.salt)
    case 'authentication-sasl':
      return ask(10, ...m.mechanisms.map(cstring), byte(0))
    case 'authentication-sasl-continue':
      return ask(11, m.data)
    case 'authentication-sasl-final':
      return ask(12, m.data)
    case 'authentication-other':
      return ask(m.method, m.data)
  }
}

function ask(method: number, ...parts: Buffer[]): Buffer {
  return message(backendType.authentication, uint32(method), ...parts)
}
