/** Changes the bytes of a message as a script says, and thinks of changes. */
import type { Random } from './random.ts'
import type { Edit } from './script.ts'

/** `lengthAt`: where the length field stands; start-up packets have it first, others behind their letter. */
export function applyEdits(bytes: Buffer, edits: readonly Edit[], lengthAt: 0 | 1): Buffer {
  return edits.reduce((changed, edit) => applyEdit(changed, edit, lengthAt), bytes)
}

function applyEdit(bytes: Buffer, edit: Edit, lengthAt: 0 | 1): Buffer {
  const at = 'at' in edit ? edit.at % (bytes.length + 1) : 0
  switch (edit.edit) {
    case 'cut':
      return bytes.subarray(0, at)
    case 'insert':
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(edit.hex, 'hex'), bytes.subarray(at)])
    case 'set':
      return withByte(bytes, at, edit.byte)
    case 'length':
      return withLength(bytes, lengthAt, edit.value)
    case 'grow':
      return Buffer.concat([bytes, Buffer.alloc(edit.count, edit.byte)])
    case 'refit':
      return withLength(bytes, lengthAt, bytes.length - lengthAt)
    case 'twice':
      return Buffer.concat([bytes, bytes])
  }
}

function withByte(bytes: Buffer, at: number, byte: number): Buffer {
  const changed = Buffer.from(bytes)
  if (at < changed.length) changed[at] = byte
  return changed
}

function withLength(bytes: Buffer, at: number, value: number): Buffer {
  const changed = Buffer.from(bytes)
  if (changed.length >= at + 4) changed.writeUInt32BE(value >>> 0, at)
  return changed
}

const lengths = [
  0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 255, 256, 10_000, 10_004, 10_005, 65_535, 65_540, 1_048_576, 0x3fff_ffff, 0x7fff_ffff, 0x8000_0000,
  0xffff_ffff,
]
const bytes = [0, 1, 0x0a, 0x22, 0x27, 0x5c, 0x7f, 0x80, 0xff]

export function thinkOfEdits(random: Random): Edit[] {
  const edits = Array.from({ length: 1 + random.int(3) }, () => thinkOfEdit(random))
  return random.chance(0.4) ? [...edits, { edit: 'refit' }] : edits
}

function thinkOfEdit(random: Random): Edit {
  const at = random.chance(0.3) ? random.int(12) : random.int(4096)
  const kinds: (() => Edit)[] = [
    () => ({ edit: 'cut', at }),
    () => ({ edit: 'insert', at, hex: random.bytes(1 + random.int(16)).toString('hex') }),
    () => ({ edit: 'set', at, byte: random.chance(0.5) ? random.pick(bytes) : random.int(256) }),
    () => ({ edit: 'length', value: random.chance(0.7) ? random.pick(lengths) : random.int(2 ** 31) }),
    () => ({ edit: 'grow', count: random.chance(0.1) ? 100_000 : random.int(64), byte: random.int(256) }),
    () => ({ edit: 'twice' }),
  ]
  return random.pick(kinds)()
}
