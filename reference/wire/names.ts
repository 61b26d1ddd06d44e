/** Reads and replaces the prepared-statement name in a client message, leaving every other byte as it was. */
import type { Frame } from './framer.ts'
import { frontendType } from './letters.ts'
import { ProtocolViolation } from './violation.ts'

/**
 * The statement name in Parse, Bind, Describe or Close of a statement; null for any other message (Describe and Close of a portal too).
 * Names are bytes in the client's encoding: they are given as Latin-1, one character a byte, so that nothing is lost.
 */
export function statementNameOf(frame: Frame): string | null {
  const span = spanOf(frame)
  return span && frame.body.toString('latin1', span.start, span.end)
}

/** The same message with another statement name. */
export function withStatementName(frame: Frame, name: string): Buffer {
  const span = spanOf(frame)
  if (!span) throw new RangeError('the message holds no statement name')
  const renamed = Buffer.from(name, 'latin1')
  const header = Buffer.from(frame.bytes.subarray(0, 5))
  header.writeInt32BE(4 + frame.body.length - (span.end - span.start) + renamed.length, 1)
  return Buffer.concat([header, frame.body.subarray(0, span.start), renamed, frame.body.subarray(span.end)])
}

interface Span {
  readonly start: number
  readonly end: number
}

function spanOf(frame: Frame): Span | null {
  const { type, body } = frame
  if (type === frontendType.parse) return spanFrom(body, 0)
  if (type === frontendType.bind) return spanFrom(body, spanFrom(body, 0).end + 1)
  if (type === frontendType.describe || type === frontendType.close) return body[0] === 0x53 ? spanFrom(body, 1) : null
  return null
}

function spanFrom(body: Buffer, start: number): Span {
  const end = body.indexOf(0, start)
  if (end < 0) throw new ProtocolViolation('unterminated', 'a name lacks its final NUL')
  return { start, end }
}
