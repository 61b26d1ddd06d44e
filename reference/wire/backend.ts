/** The messages a server sends, as values and back. */
import { decodeAuthentication, encodeAuthentication, type AuthenticationMessage } from './authentication.ts'
import { decodeFields, encodeFields, type ErrorFields } from './fields.ts'
import type { Frame } from './framer.ts'
import { backendType } from './letters.ts'
import { Reader } from './reader.ts'
import { ProtocolViolation } from './violation.ts'
import { byte, cstring, int16, int32, list, message, nullable, uint32 } from './writer.ts'

/** I: no transaction; T: in a transaction; E: in a failed transaction. */
export type TransactionStatus = 'I' | 'T' | 'E'

export interface Column {
  readonly name: string
  readonly table: number
  readonly attribute: number
  readonly type: number
  readonly size: number
  readonly modifier: number
  readonly format: number
}

interface CopyStart {
  readonly format: number
  readonly columns: readonly number[]
}

export type BackendMessage =
  | AuthenticationMessage
  | { readonly kind: 'parameter-status'; readonly name: string; readonly value: string }
  | { readonly kind: 'backend-key-data'; readonly processId: number; readonly secret: Buffer }
  | { readonly kind: 'ready-for-query'; readonly status: TransactionStatus }
  | { readonly kind: 'error-response'; readonly fields: ErrorFields }
  | { readonly kind: 'notice-response'; readonly fields: ErrorFields }
  | { readonly kind: 'row-description'; readonly columns: readonly Column[] }
  | { readonly kind: 'data-row'; readonly values: readonly (Buffer | null)[] }
  | { readonly kind: 'command-complete'; readonly tag: string }
  | { readonly kind: 'parameter-description'; readonly types: readonly number[] }
  | ({ readonly kind: 'copy-in' | 'copy-out' | 'copy-both' } & CopyStart)
  | { readonly kind: 'copy-data'; readonly data: Buffer }
  | { readonly kind: 'notification'; readonly processId: number; readonly channel: string; readonly payload: string }
  /** `version` is the newest one the server speaks, as in a start-up packet: major in the upper half, minor in the lower. */
  | { readonly kind: 'negotiate-protocol'; readonly version: number; readonly options: readonly string[] }
  | { readonly kind: 'function-result'; readonly value: Buffer | null }
  | { readonly kind: BareKind }

const bare = {
  'parse-complete': backendType.parseComplete,
  'bind-complete': backendType.bindComplete,
  'close-complete': backendType.closeComplete,
  'no-data': backendType.noData,
  'portal-suspended': backendType.portalSuspended,
  'empty-query': backendType.emptyQuery,
  'copy-done': backendType.copyDone,
} as const

type BareKind = keyof typeof bare

const copyKinds = { 'copy-in': backendType.copyIn, 'copy-out': backendType.copyOut, 'copy-both': backendType.copyBoth } as const

const bareByType = new Map<number, BareKind>(entriesOf(bare).map(([kind, type]) => [type, kind]))
const copyByType = new Map<number, keyof typeof copyKinds>(entriesOf(copyKinds).map(([kind, type]) => [type, kind]))

/** Reads a whole typed message of a server; texts as UTF-8, what is none becomes U+FFFD. Throws a ProtocolViolation. */
export function decodeBackend(frame: Frame): BackendMessage {
  const reader = new Reader(frame.body)
  const decoded = decodeBody(frame, reader)
  reader.end()
  return decoded
}

function decodeBody(frame: Frame, reader: Reader): BackendMessage {
  const bareKind = bareByType.get(frame.type)
  if (bareKind) return { kind: bareKind }
  const copyKind = copyByType.get(frame.type)
  if (copyKind) return { kind: copyKind, format: reader.byte(), columns: reader.list(reader.count(), () => reader.int16()) }
  switch (frame.type) {
    case backendType.authentication:
      return decodeAuthentication(reader)
    case backendType.parameterStatus:
      return { kind: 'parameter-status', name: reader.cstring(), value: reader.cstring() }
    case backendType.backendKeyData:
      return decodeKey(reader)
    case backendType.readyForQuery:
      return { kind: 'ready-for-query', status: decodeStatus(reader) }
    case backendType.errorResponse:
      return { kind: 'error-response', fields: decodeFields(reader.rest()) }
    case backendType.noticeResponse:
      return { kind: 'notice-response', fields: decodeFields(reader.rest()) }
    case backendType.rowDescription:
      return { kind: 'row-description', columns: reader.list(reader.count(), () => decodeColumn(reader)) }
    case backendType.dataRow:
      return { kind: 'data-row', values: reader.list(reader.count(), () => reader.value()) }
    case backendType.commandComplete:
      return { kind: 'command-complete', tag: reader.cstring() }
    case backendType.parameterDescription:
      return { kind: 'parameter-description', types: reader.list(reader.count(), () => reader.uint32()) }
    case backendType.copyData:
      return { kind: 'copy-data', data: reader.rest() }
    case backendType.notification:
      return { kind: 'notification', processId: reader.int32(), channel: reader.cstring(), payload: reader.cstring() }
    case backendType.negotiateProtocol:
      return decodeNegotiation(reader)
    case backendType.functionResult:
      return { kind: 'function-result', value: reader.value() }
    default:
      throw new ProtocolViolation('unknown-type', 'a server message has a letter the protocol does not know')
  }
}

function decodeKey(reader: Reader): BackendMessage {
  const processId = reader.int32()
  const secret = reader.rest()
  if (secret.length < 4 || secret.length > 256) throw new ProtocolViolation('bad-length', 'a cancel key must have 4 to 256 bytes')
  return { kind: 'backend-key-data', processId, secret }
}

function decodeStatus(reader: Reader): TransactionStatus {
  const status = String.fromCharCode(reader.byte())
  if (status === 'I' || status === 'T' || status === 'E') return status
  throw new ProtocolViolation('bad-value', 'ReadyForQuery with an unknown transaction status')
}

function decodeColumn(reader: Reader): Column {
  return {
    name: reader.cstring(),
    table: reader.uint32(),
    attribute: reader.int16(),
    type: reader.uint32(),
    size: reader.int16(),
    modifier: reader.int32(),
    format: reader.int16(),
  }
}

function decodeNegotiation(reader: Reader): BackendMessage {
  const version = reader.uint32()
  const options = reader.uint32()
  if (options > reader.left) throw new ProtocolViolation('truncated', 'NegotiateProtocolVersion announced more options than it holds')
  return { kind: 'negotiate-protocol', version, options: reader.list(options, () => reader.cstring()) }
}

export function encodeBackend(m: BackendMessage): Buffer {
  switch (m.kind) {
    case 'parameter-status':
      return message(backendType.parameterStatus, cstring(m.name), cstring(m.value))
    case 'backend-key-data':
      return message(backendType.backendKeyData, int32(m.processId), m.secret)
    case 'ready-for-query':
      return message(backendType.readyForQuery, Buffer.from(m.status))
    case 'error-response':
      return message(backendType.errorResponse, encodeFields(m.fields))
    case 'notice-response':
      return message(backendType.noticeResponse, encodeFields(m.fields))
    case 'row-description':
      return message(backendType.rowDescription, list(m.columns, encodeColumn))
    case 'data-row':
      return message(backendType.dataRow, list(m.values, nullable))
    case 'command-complete':
      return message(backendType.commandComplete, cstring(m.tag))
    case 'parameter-description':
      return message(backendType.parameterDescription, list(m.types, uint32))
    case 'copy-in':
    case 'copy-out':
    case 'copy-both':
      return message(copyKinds[m.kind], byte(m.format), list(m.columns, int16))
    case 'copy-data':
      return message(backendType.copyData, m.data)
    case 'notification':
      return message(backendType.notification, int32(m.processId), cstring(m.channel), cstring(m.payload))
    case 'negotiate-protocol':
      return message(backendType.negotiateProtocol, uint32(m.version), uint32(m.options.length), ...m.options.map(cstring))
    case 'function-result':
      return message(backendType.functionResult, nullable(m.value))
    case 'parse-complete':
    case 'bind-complete':
    case 'close-complete':
    case 'no-data':
    case 'portal-suspended':
    case 'empty-query':
    case 'copy-done':
      return message(bare[m.kind])
    default:
      return encodeAuthentication(m)
  }
}

function encodeColumn(c: Column): Buffer {
  return Buffer.concat([
    cstring(c.name),
    uint32(c.table),
    int16(c.attribute),
    uint32(c.type),
    int16(c.size),
    int32(c.modifier),
    int16(c.format),
  ])
}

function entriesOf<K extends string, V>(record: Readonly<Record<K, V>>): [K, V][] {
  return Object.entries(record) as [K, V][]
}
