/** Whether a client's message is made as the protocol says, told without taking it apart: for those who pass messages on as they are. */
import type { Frame } from './framer.ts'
import { frontendType } from './letters.ts'
import { ProtocolViolation } from './violation.ts'

/** Throws a ProtocolViolation for a message that a server could not read. Pieces of a streamed one, and letters it does not know, are let be. */
export function checkShape({ type, body, piece }: Frame): void {
  const end = piece === 'whole' ? shapes.get(type)?.(body) : undefined
  if (end !== undefined && end > body.length) throw new ProtocolViolation('truncated', 'a message is shorter than its fields')
  if (end !== undefined && end < body.length) throw new ProtocolViolation('trailing-bytes', 'a message is longer than its fields')
}

/** Each gives the place where its fields end; beyond the body when they do not fit in. */
type Shape = (body: Buffer) => number

const nowhere = Number.MAX_SAFE_INTEGER

const empty: Shape = () => 0
const text: Shape = (body) => afterText(body, 0)
const named: Shape = (body) => afterText(body, 1)
const execute: Shape = (body) => afterText(body, 0) + 4
const parse: Shape = (body) => afterCounted(body, afterText(body, afterText(body, 0)), 4)

function bind(body: Buffer): number {
  const formats = afterCounted(body, afterText(body, afterText(body, 0)), 2)
  return afterCounted(body, afterValues(body, formats), 2)
}

/** Object, formats, values, one format. */
function functionCall(body: Buffer): number {
  return afterValues(body, afterCounted(body, 4, 2)) + 2
}

const shapes: ReadonlyMap<number, Shape> = new Map<number, Shape>([
  [frontendType.query, text],
  [frontendType.parse, parse],
  [frontendType.bind, bind],
  [frontendType.describe, named],
  [frontendType.close, named],
  [frontendType.execute, execute],
  [frontendType.functionCall, functionCall],
  [frontendType.copyFail, text],
  [frontendType.copyDone, empty],
  [frontendType.sync, empty],
  [frontendType.flush, empty],
])

function afterText(body: Buffer, at: number): number {
  const end = at < body.length ? body.indexOf(0, at) : -1
  return end < 0 ? nowhere : end + 1
}

/** A count and so many fields of one size. */
function afterCounted(body: Buffer, at: number, size: number): number {
  return at + 2 > body.length ? nowhere : at + 2 + body.readUInt16BE(at) * size
}

/** A count and so many values, each with its length before it; -1 is null. */
function afterValues(body: Buffer, at: number): number {
  if (at + 2 > body.length) return nowhere
  let place = at + 2
  for (let left = body.readUInt16BE(at); left > 0; left--) {
    if (place + 4 > body.length) return nowhere
    const length = body.readInt32BE(place)
    if (length < -1) return nowhere
    place += 4 + Math.max(0, length)
  }
  return place
}
