/** Values of a Bind message as routing reads them, and messages of the router's own with the same values. */
import { decodeFrontend, type Frame, type FrontendMessage } from '../../wire/index.ts'
import { unsupported } from '../refused.ts'
import type { Values } from '../routing/route.ts'
import { literal } from '../sql/literal.ts'
import { tokensOf } from '../sql/tokens.ts'

export type BindMessage = Extract<FrontendMessage, { kind: 'bind' }>

export function decodeBind(frame: Frame): BindMessage {
  const message = decodeFrontend(frame)
  if (message.kind !== 'bind') throw new RangeError('not a Bind message')
  return message
}

/** `types` as the Parse message declared them. */
export function valuesOf({ formats, values }: Pick<BindMessage, 'formats' | 'values'>, types: readonly number[]): Values {
  return (number) => {
    const bytes = values[number - 1]
    if (bytes === undefined) return null
    if (bytes === null) return { form: 'null' }
    const format = formats.length === 1 ? formats[0] : formats[number - 1]
    const oid = types[number - 1] ?? 0
    return format === 1 ? { form: 'binary', bytes, oid } : { form: 'text', bytes, oid }
  }
}

/** What follows the text in the body of a Parse message. */
export function typesOf(parse: Buffer): number[] {
  const at = parse.indexOf(0) + 1
  const count = at > 0 && parse.length >= at + 2 ? parse.readUInt16BE(at) : 0
  if (parse.length < at + 2 + 4 * count) return []
  return Array.from({ length: count }, (_, i) => parse.readUInt32BE(at + 2 + 4 * i))
}

export const textOf = (parse: Buffer): string => parse.toString('latin1', 0, Math.max(0, parse.indexOf(0)))

/** A Parse of the unnamed statement; `text` as Latin-1. */
export function parseBytes(text: string, types: readonly number[]): Buffer {
  const body = Buffer.alloc(1 + text.length + 1 + 2 + 4 * types.length)
  body.write(text, 1, 'latin1')
  body.writeUInt16BE(types.length, text.length + 2)
  types.forEach((type, i) => body.writeUInt32BE(type, text.length + 4 + 4 * i))
  const header = Buffer.from('P\0\0\0\0', 'latin1')
  header.writeInt32BE(4 + body.length, 1)
  return Buffer.concat([header, body])
}

/** The text with its parameters written into it as literals: for statements that take parts in no protocol of their own. */
export function inlined(text: string, { values, formats }: Pick<BindMessage, 'values' | 'formats'>): string {
  if (values.length === 0) return text
  if (formats.includes(1)) throw unsupported('parameters in binary format are not possible in this statement in a sharded database')
  let at = 0
  let written = ''
  for (const { token, start, end } of tokensOf(text)) {
    if (token.kind !== 'other' || !/^\$\d+$/.test(token.text)) continue
    const value = values[Number(token.text.slice(1)) - 1]
    written += text.slice(at, start) + (value ? literal(value.toString('utf8')) : 'NULL')
    at = end
  }
  return written + text.slice(at)
}
