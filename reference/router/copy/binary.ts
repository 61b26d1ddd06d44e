/** Cuts copy data in binary format into rows. */
import { malformed, type CopyRow, type Splitter } from './splitter.ts'

const headerBytes = 19

export function binarySplitter(place: number): Splitter {
  let rest: Buffer = Buffer.alloc(0)
  let begun = false
  const next = (): CopyRow | null => {
    const length = begun ? rowLength(rest) : headerLength(rest)
    if (length === null || rest.length < length) return null
    const bytes = rest.subarray(0, length)
    rest = rest.subarray(length)
    const isRow = begun && bytes.readInt16BE(0) >= 0
    begun = true
    return { bytes, value: isRow ? valueAt(bytes, place) : undefined }
  }
  return {
    push(chunk) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      const rows: CopyRow[] = []
      for (let row = next(); row; row = next()) rows.push(row)
      return rows
    },
    end() {
      if (rest.length > 0) throw malformed('the copy data ended in the middle of a row')
      return []
    },
  }
}

const headerLength = (bytes: Buffer): number | null => (bytes.length < headerBytes ? null : headerBytes + bytes.readUInt32BE(15))

/** Null when more bytes are needed to tell. */
function rowLength(bytes: Buffer): number | null {
  if (bytes.length < 2) return null
  let at = 2
  for (let left = Math.max(0, bytes.readInt16BE(0)); left > 0; left--) {
    if (bytes.length < at + 4) return null
    at += 4 + Math.max(0, bytes.readInt32BE(at))
  }
  return at
}

function valueAt(bytes: Buffer, place: number): Buffer | null {
  let at = 2
  for (let column = 0; column < bytes.readInt16BE(0); column++) {
    const length = bytes.readInt32BE(at)
    if (column === place) return length < 0 ? null : bytes.subarray(at + 4, at + 4 + length)
    at += 4 + Math.max(0, length)
  }
  throw malformed('a row of the COPY has no value for the sharding key')
}
