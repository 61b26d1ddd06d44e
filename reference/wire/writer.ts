/** Builds one message from its fields; what it is given must fit the protocol, else it throws a RangeError (a fault of the caller). */

/** A typed message: letter, length, parts. */
export function message(type: number, ...parts: Buffer[]): Buffer {
  const header = Buffer.alloc(5)
  header[0] = type
  header.writeInt32BE(4 + sizeOf(parts), 1)
  return Buffer.concat([header, ...parts])
}

/** A start-up packet: length, parts. */
export function packet(...parts: Buffer[]): Buffer {
  return Buffer.concat([int32(4 + sizeOf(parts)), ...parts])
}

const sizeOf = (parts: readonly Buffer[]): number => parts.reduce((sum, part) => sum + part.length, 0)

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

export function count(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export function byte(value: number): Buffer {
  return Buffer.from([value])
}

/** A string with its final NUL. A NUL inside would end it early and turn the rest into other fields: refused. */
export function cstring(text: string): Buffer {
  if (text.includes('\0')) throw new RangeError('a protocol string cannot hold a NUL')
  return Buffer.from(`${text}\0`, 'utf8')
}

export function nullable(bytes: Buffer | null): Buffer {
  return bytes === null ? int32(-1) : Buffer.concat([int32(bytes.length), bytes])
}

export function list<T>(items: readonly T[], write: (item: T) => Buffer): Buffer {
  return Buffer.concat([count(items.length), ...items.map(write)])
}
