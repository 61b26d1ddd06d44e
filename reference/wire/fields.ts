/** Error and notice fields: the letters of the protocol as a map, and the usual fields by name. */
import { backendType } from './letters.ts'
import { Reader } from './reader.ts'
import { byte, cstring, message } from './writer.ts'

/** By the protocol's own letter: S severity, V severity untranslated, C SQLSTATE, M message, D detail, H hint, … */
export type ErrorFields = ReadonlyMap<string, string>

export interface Notice {
  readonly severity: 'ERROR' | 'FATAL' | 'PANIC' | 'WARNING' | 'NOTICE' | 'DEBUG' | 'INFO' | 'LOG'
  /** SQLSTATE, five characters. */
  readonly code: string
  readonly message: string
  readonly detail?: string
  readonly hint?: string
  /** Where in the statement, in characters from 1. */
  readonly position?: number
}

/** Reads the body of an ErrorResponse or NoticeResponse. A peer that forgot the SQLSTATE gets XX000, the message ''. */
export function decodeFields(body: Buffer): ErrorFields {
  const reader = new Reader(body)
  const fields = new Map<string, string>()
  for (let letter = reader.byte(); letter !== 0; letter = reader.byte()) fields.set(String.fromCharCode(letter), reader.cstring())
  reader.end()
  if (!fields.get('C')) fields.set('C', 'XX000')
  if (!fields.has('M')) fields.set('M', '')
  return fields
}

/** The body for the fields. A NUL in a text is dropped: errors may quote anything. */
export function encodeFields(fields: ErrorFields): Buffer {
  const parts = [...fields].map(([letter, text]) => Buffer.concat([byte(letter.charCodeAt(0)), cstring(text.replaceAll('\0', ''))]))
  return Buffer.concat([...parts, byte(0)])
}

/** A complete ErrorResponse. */
export function errorMessage(notice: Notice): Buffer {
  return message(backendType.errorResponse, encodeFields(fieldsOf(notice)))
}

/** A complete NoticeResponse. */
export function noticeMessage(notice: Notice): Buffer {
  return message(backendType.noticeResponse, encodeFields(fieldsOf(notice)))
}

function fieldsOf(notice: Notice): ErrorFields {
  const fields = new Map([
    ['S', notice.severity],
    ['V', notice.severity],
    ['C', notice.code],
    ['M', notice.message],
  ])
  if (notice.detail !== undefined) fields.set('D', notice.detail)
  if (notice.hint !== undefined) fields.set('H', notice.hint)
  if (notice.position !== undefined) fields.set('P', String(notice.position))
  return fields
}
