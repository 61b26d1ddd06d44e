/** The messages a client sends, as values and back. */
import type { Frame } from './framer.ts'
import { frontendType } from './letters.ts'
import { Reader } from './reader.ts'
import { ProtocolViolation } from './violation.ts'
import { cstring, int16, int32, list, message, nullable, uint32 } from './writer.ts'

export type FrontendMessage =
  | { readonly kind: 'query'; readonly text: string }
  | { readonly kind: 'parse'; readonly name: string; readonly text: string; readonly types: readonly number[] }
  | {
      readonly kind: 'bind'
      readonly portal: string
      readonly statement: string
      readonly formats: readonly number[]
      readonly values: readonly (Buffer | null)[]
      readonly results: readonly number[]
    }
  | { readonly kind: 'describe'; readonly target: 'statement' | 'portal'; readonly name: string }
  | { readonly kind: 'close'; readonly target: 'statement' | 'portal'; readonly name: string }
  | { readonly kind: 'execute'; readonly portal: string; readonly limit: number }
  | { readonly kind: 'sync' }
  | { readonly kind: 'flush' }
  | { readonly kind: 'terminate' }
  | { readonly kind: 'copy-data'; readonly data: Buffer }
  | { readonly kind: 'copy-done' }
  | { readonly kind: 'copy-fail'; readonly reason: string }
  | { readonly kind: 'function-call'; readonly body: Buffer }
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'sasl-initial'; readonly mechanism: string; readonly data: Buffer | null }
  | { readonly kind: 'sasl-response'; readonly data: Buffer }

/** Three messages share the letter p; the stage of the login says which one it is. */
export type PasswordStage = 'password' | 'sasl-initial' | 'sasl-response'

/**
 * Reads a whole typed message of a client. Texts are read as UTF-8 (what is none becomes U+FFFD): who must pass a message on exactly
 * keeps the frame. Throws a ProtocolViolation.
 */
export function decodeFrontend(frame: Frame, stage: PasswordStage = 'password'): FrontendMessage {
  const reader = new Reader(frame.body)
  const decoded = decodeBody(frame.type, reader, stage)
  reader.end()
  return decoded
}

function decodeBody(type: number, reader: Reader, stage: PasswordStage): FrontendMessage {
  switch (type) {
    case frontendType.query:
      return { kind: 'query', text: reader.cstring() }
    case frontendType.parse:
      return { kind: 'parse', name: reader.cstring(), text: reader.cstring(), types: reader.list(reader.count(), () => reader.uint32()) }
    case frontendType.bind:
      return decodeBind(reader)
    case frontendType.describe:
      return { kind: 'describe', target: decodeTarget(reader), name: reader.cstring() }
    case frontendType.close:
      return { kind: 'close', target: decodeTarget(reader), name: reader.cstring() }
    case frontendType.execute:
      return { kind: 'execute', portal: reader.cstring(), limit: reader.int32() }
    case frontendType.sync:
      return { kind: 'sync' }
    case frontendType.flush:
      return { kind: 'flush' }
    case frontendType.terminate:
      return { kind: 'terminate' }
    case frontendType.copyData:
      return { kind: 'copy-data', data: reader.rest() }
    case frontendType.copyDone:
      return { kind: 'copy-done' }
    case frontendType.copyFail:
      return { kind: 'copy-fail', reason: reader.cstring() }
    case frontendType.functionCall:
      return { kind: 'function-call', body: reader.rest() }
    case frontendType.password:
      return decodePassword(reader, stage)
    default:
      throw new ProtocolViolation('unknown-type', 'a client message has a letter the protocol does not know')
  }
}

function decodeBind(reader: Reader): FrontendMessage {
  return {
    kind: 'bind',
    portal: reader.cstring(),
    statement: reader.cstring(),
    formats: reader.list(reader.count(), () => reader.int16()),
    values: reader.list(reader.count(), () => reader.value()),
    results: reader.list(reader.count(), () => reader.int16()),
  }
}

function decodeTarget(reader: Reader): 'statement' | 'portal' {
  const letter = String.fromCharCode(reader.byte())
  if (letter === 'S') return 'statement'
  if (letter === 'P') return 'portal'
  throw new ProtocolViolation('bad-value', 'Describe and Close know statements and portals only')
}

function decodePassword(reader: Reader, stage: PasswordStage): FrontendMessage {
  if (stage === 'password') return { kind: 'password', password: reader.strictString() }
  if (stage === 'sasl-response') return { kind: 'sasl-response', data: reader.rest() }
  return { kind: 'sasl-initial', mechanism: reader.cstring(), data: reader.value() }
}

export function encodeFrontend(m: FrontendMessage): Buffer {
  switch (m.kind) {
    case 'query':
      return message(frontendType.query, cstring(m.text))
    case 'parse':
      return message(frontendType.parse, cstring(m.name), cstring(m.text), list(m.types, uint32))
    case 'bind':
      return encodeBind(m)
    case 'describe':
      return message(frontendType.describe, encodeTarget(m.target), cstring(m.name))
    case 'close':
      return message(frontendType.close, encodeTarget(m.target), cstring(m.name))
    case 'execute':
      return message(frontendType.execute, cstring(m.portal), int32(m.limit))
    case 'sync':
      return message(frontendType.sync)
    case 'flush':
      return message(frontendType.flush)
    case 'terminate':
      return message(frontendType.terminate)
    case 'copy-data':
      return message(frontendType.copyData, m.data)
    case 'copy-done':
      return message(frontendType.copyDone)
    case 'copy-fail':
      return message(frontendType.copyFail, cstring(m.reason))
    case 'function-call':
      return message(frontendType.functionCall, m.body)
    case 'password':
      return message(frontendType.password, cstring(m.password))
    case 'sasl-initial':
      return message(frontendType.password, cstring(m.mechanism), nullable(m.data))
    case 'sasl-response':
      return message(frontendType.password, m.data)
  }
}

function encodeBind(m: FrontendMessage & { kind: 'bind' }): Buffer {
  const names = [cstring(m.portal), cstring(m.statement)]
  const formats = list(m.formats, int16)
  const values = list(m.values, nullable)
  return message(frontendType.bind, ...names, formats, values, list(m.results, int16))
}

const encodeTarget = (target: 'statement' | 'portal'): Buffer => Buffer.from(target === 'statement' ? 'S' : 'P')
