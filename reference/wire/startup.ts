/** The packets a client may begin with, before messages have letters. */
import { Reader } from './reader.ts'
import { ProtocolViolation } from './violation.ts'
import { byte, cstring, int32, packet, uint32 } from './writer.ts'

export type StartupPacket =
  | {
      readonly kind: 'startup'
      readonly major: number
      readonly minor: number
      /** In the order sent, duplicates kept; empty for a major version other than 3. */
      readonly parameters: readonly (readonly [name: string, value: string])[]
    }
  | { readonly kind: 'ssl-request' }
  | { readonly kind: 'gss-request' }
  | { readonly kind: 'cancel-request'; readonly processId: number; readonly secret: Buffer }

const sslCode = 80_877_103
const gssCode = 80_877_104
const cancelCode = 80_877_102

/** What a server answers to an SSLRequest or GSSENCRequest: one byte, no message. */
export const encryptionAnswer = { yes: Buffer.from('S'), no: Buffer.from('N') } as const

/** Reads the body of a start-up frame. Throws a ProtocolViolation. */
export function decodeStartup(body: Buffer): StartupPacket {
  const reader = new Reader(body)
  const code = reader.uint32()
  if (code === sslCode) return withoutRest(reader, { kind: 'ssl-request' })
  if (code === gssCode) return withoutRest(reader, { kind: 'gss-request' })
  if (code === cancelCode) return decodeCancel(reader)
  return decodeVersion(reader, code >>> 16, code & 0xffff)
}

function withoutRest(reader: Reader, packetRead: StartupPacket): StartupPacket {
  reader.end()
  return packetRead
}

function decodeCancel(reader: Reader): StartupPacket {
  const processId = reader.int32()
  const secret = reader.rest()
  if (secret.length < 4 || secret.length > 256) throw new ProtocolViolation('bad-length', 'a cancel key must have 4 to 256 bytes')
  return { kind: 'cancel-request', processId, secret }
}

function decodeVersion(reader: Reader, major: number, minor: number): StartupPacket {
  if (major !== 3) return { kind: 'startup', major, minor, parameters: [] }
  const parameters: [string, string][] = []
  for (let name = reader.strictString(); name !== ''; name = reader.strictString()) parameters.push([name, reader.strictString()])
  reader.end()
  return { kind: 'startup', major, minor, parameters }
}

export function encodeStartup(startup: StartupPacket): Buffer {
  switch (startup.kind) {
    case 'ssl-request':
      return packet(uint32(sslCode))
    case 'gss-request':
      return packet(uint32(gssCode))
    case 'cancel-request':
      return packet(uint32(cancelCode), int32(startup.processId), startup.secret)
    case 'startup':
      return packet(uint32(startup.major * 0x1_0000 + startup.minor), ...startup.parameters.flatMap(encodeParameter), byte(0))
  }
}

function encodeParameter([name, value]: readonly [string, string]): Buffer[] {
  if (name === '') throw new RangeError('a start-up parameter needs a name')
  return [cstring(name), cstring(value)]
}

/** The parameters by name; of duplicates the last counts, as in Postgres. */
export function parametersOf(startup: { readonly parameters: readonly (readonly [string, string])[] }): Map<string, string> {
  return new Map(startup.parameters)
}
