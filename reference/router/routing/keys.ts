/** Reads sharding keys out of literals and parameters, exactly as the server would, or says that it cannot. */
import type { Key, KeyType } from './hash.ts'

/** A value as it stands in a statement or a Bind message. */
export type Raw =
  /** `oid`: the type a parameter was declared with, 0 when with none. */
  | { readonly form: 'text'; readonly bytes: Buffer; readonly oid?: number }
  | { readonly form: 'binary'; readonly bytes: Buffer; readonly oid: number }
  | { readonly form: 'number'; readonly value: bigint }
  | { readonly form: 'null' }

/** `null`: the key is NULL; `unclear`: it may be a key, but not one that can be read here. */
export type KeyRead = Key | 'null' | 'unclear'

const ranges = { int2: 15n, int4: 31n, int8: 63n } as const

const isUtf8 = (bytes: Buffer): boolean => Buffer.from(bytes.toString('utf8'), 'utf8').equals(bytes)

/** `plainText`: text arrives in the encoding of the database. */
export function readKey(raw: Raw, type: KeyType, plainText: boolean): KeyRead {
  if (raw.form === 'null') return 'null'
  if (type === 'text') return readText(raw, plainText)
  if (type === 'uuid') return readUuid(raw)
  return readInteger(raw, type)
}

/** Types whose binary form is the text itself: text, varchar, and what nobody has named a type for. */
const textOids: ReadonlySet<number> = new Set([0, 25, 1043, 705])

function readText(raw: Raw, plainText: boolean): KeyRead {
  if (raw.form === 'number' || raw.form === 'null') return 'unclear'
  if (!textOids.has(raw.oid ?? 0)) return 'unclear'
  const { bytes } = raw
  const ascii = bytes.every((byte) => byte < 128)
  return ascii || (plainText && isUtf8(bytes)) ? { type: 'text', bytes } : 'unclear'
}

const uuidText = /^\{?[0-9a-f]{4}(?:-?[0-9a-f]{4}){7}\}?$/i

function readUuid(raw: Raw): KeyRead {
  if (raw.form === 'binary') return raw.bytes.length === 16 && [0, 2950].includes(raw.oid) ? { type: 'uuid', bytes: raw.bytes } : 'unclear'
  if (raw.form !== 'text') return 'unclear'
  const text = raw.bytes.toString('latin1')
  if (!uuidText.test(text) || text.startsWith('{') !== text.endsWith('}')) return 'unclear'
  return { type: 'uuid', bytes: Buffer.from(text.replaceAll(/[{}-]/g, ''), 'hex') }
}

const integerOids: ReadonlyMap<number, readonly number[]> = new Map([
  [0, [2, 4, 8]],
  [21, [2]],
  [23, [4]],
  [20, [8]],
])

function readInteger(raw: Raw, type: 'int2' | 'int4' | 'int8'): KeyRead {
  const value = integerOf(raw)
  if (value === null) return 'unclear'
  return value >= -(1n << ranges[type]) && value < 1n << ranges[type] ? { type, value } : 'unclear'
}

function integerOf(raw: Raw): bigint | null {
  if (raw.form === 'number') return raw.value
  if (raw.form === 'null') return null
  if (raw.form === 'text') {
    const text = raw.bytes.toString('latin1').trim()
    return /^[+-]?\d{1,19}$/.test(text) ? BigInt(text.replace('+', '')) : null
  }
  return integerOids.get(raw.oid)?.includes(raw.bytes.length) ? wholeOf(raw.bytes) : null
}

function wholeOf(bytes: Buffer): bigint {
  if (bytes.length === 2) return BigInt(bytes.readInt16BE(0))
  return bytes.length === 4 ? BigInt(bytes.readInt32BE(0)) : bytes.readBigInt64BE(0)
}
