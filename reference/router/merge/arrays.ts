/** Columns of many rows as one array parameter each. */
import { unsupported } from '../refused.ts'

export interface GatheredColumn {
  readonly type: number
  readonly arrayType: number
  /** Values came in binary form, and go back in it. */
  readonly binary: boolean
}

/** Types from here on are not the server's own: their numbers differ from server to server. */
export const firstUserType = 16_384

/** Types whose values have no form of their own, or none that can be read again. */
const unreadable: ReadonlySet<number> = new Set([2249, 705, 2278])

export function checkColumn({ type, arrayType }: GatheredColumn): void {
  if (arrayType === 0 || unreadable.has(type)) throw unsupported('values of this type cannot be put together from several shards')
}

export function arrayOf(values: readonly (Buffer | null)[], { type, binary }: GatheredColumn): Buffer {
  return binary ? binaryArray(values, type) : textArray(values)
}

function binaryArray(values: readonly (Buffer | null)[], type: number): Buffer {
  const header = Buffer.alloc(values.length === 0 ? 12 : 20)
  header.writeInt32BE(values.length === 0 ? 0 : 1, 0)
  header.writeInt32BE(values.includes(null) ? 1 : 0, 4)
  header.writeUInt32BE(type, 8)
  if (values.length > 0) {
    header.writeInt32BE(values.length, 12)
    header.writeInt32BE(1, 16)
  }
  return Buffer.concat([header, ...values.flatMap(withLength)])
}

function withLength(value: Buffer | null): Buffer[] {
  const length = Buffer.alloc(4)
  length.writeInt32BE(value?.length ?? -1)
  return value ? [length, value] : [length]
}

function textArray(values: readonly (Buffer | null)[]): Buffer {
  const items = values.map((value) => (value === null ? 'NULL' : `"${value.toString('latin1').replaceAll(/["\\]/g, '\\$&')}"`))
  return Buffer.from(`{${items.join(',')}}`, 'latin1')
}
