/** Keys in an array parameter, as drivers send them for `= ANY ($1)`. */
import type { Raw } from './keys.ts'

/** Arrays of text, varchar, int2, int4, int8, uuid, and what nobody has named a type for. */
const elementTypes: ReadonlyMap<number, number> = new Map([
  [0, 0],
  [1009, 25],
  [1015, 1043],
  [1005, 21],
  [1007, 23],
  [1016, 20],
  [2951, 2950],
])

/** Null when it is no plain array of one dimension that can be read here. */
export function elementsOf(raw: Raw): Raw[] | null {
  if (raw.form === 'null') return []
  if (raw.form === 'number') return null
  const type = elementTypes.get(raw.oid ?? 0)
  if (type === undefined) return null
  return raw.form === 'text' ? textElements(raw.bytes.toString('latin1'), type) : binaryElements(raw.bytes)
}

const item = /\s*(?:"((?:[^"\\]|\\[\s\S])*)"|([^\s"{},\\](?:[^"{},\\]*[^\s"{},\\])?))\s*(,|$)/y

function textElements(text: string, oid: number): Raw[] | null {
  const inner = /^\s*\{([\s\S]*)\}\s*$/.exec(text)?.[1]
  if (inner === undefined) return null
  if (inner.trim() === '') return []
  const elements: Raw[] = []
  item.lastIndex = 0
  for (let more = true; more;) {
    const found = item.exec(inner)
    if (!found) return null
    const [, quoted, plain = '', end] = found
    if (quoted === undefined && plain.toLowerCase() === 'null') elements.push({ form: 'null' })
    else elements.push({ form: 'text', bytes: Buffer.from(quoted?.replaceAll(/\\([\s\S])/g, '$1') ?? plain, 'latin1'), oid })
    more = end === ','
  }
  return elements
}

function binaryElements(bytes: Buffer): Raw[] | null {
  if (bytes.length === 12 && bytes.readInt32BE(0) === 0) return []
  if (bytes.length < 20 || bytes.readInt32BE(0) !== 1) return null
  const oid = bytes.readUInt32BE(8)
  const elements: Raw[] = []
  let at = 20
  for (let left = bytes.readInt32BE(12); left > 0; left--) {
    if (at + 4 > bytes.length) return null
    const length = bytes.readInt32BE(at)
    at += 4 + Math.max(0, length)
    if (at > bytes.length) return null
    elements.push(length < 0 ? { form: 'null' } : { form: 'binary', bytes: bytes.subarray(at - length, at), oid })
  }
  return elements
}
