import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeFrontend, encodeStartup, Framer, frontendType, ProtocolViolation, type Frame } from './index.ts'

const drain = (framer: Framer): Frame[] => {
  const frames: Frame[] = []
  for (let frame = framer.next(); frame; frame = framer.next()) frames.push(frame)
  return frames
}

const session = Buffer.concat([
  encodeFrontend({ kind: 'query', text: 'select 1' }),
  encodeFrontend({ kind: 'sync' }),
  encodeFrontend({ kind: 'copy-data', data: Buffer.from('x'.repeat(40)) }),
  encodeFrontend({ kind: 'terminate' }),
])

const feed = (chunks: readonly Buffer[], framer: Framer): Frame[] =>
  chunks.flatMap((chunk) => {
    framer.push(chunk)
    return drain(framer)
  })

test('gives the same messages wherever the stream is split', () => {
  const whole = feed([session], new Framer({ mode: 'typed', maxBytes: 100 })).map((frame) => frame.bytes.toString('hex'))
  expect(whole).toHaveLength(4)
  for (let at = 0; at <= session.length; at++) {
    const frames = feed([session.subarray(0, at), session.subarray(at)], new Framer({ mode: 'typed', maxBytes: 100 }))
    expect(frames.map((frame) => frame.bytes.toString('hex'))).toEqual(whole)
  }
})

test('gives the same messages byte by byte', () => {
  const frames = feed(
    [...session].map((byte) => Buffer.from([byte])),
    new Framer({ mode: 'typed', maxBytes: 100 }),
  )
  expect(Buffer.concat(frames.map((frame) => frame.bytes))).toEqual(session)
  expect(frames.every((frame) => frame.piece === 'whole')).toBe(true)
})

test('frames handed out are not overwritten by what comes later', () => {
  const framer = new Framer({ mode: 'typed', maxBytes: 100 })
  const kept: Frame[] = []
  for (let i = 0; i < 200; i++) {
    const bytes = encodeFrontend({ kind: 'query', text: `select ${i}` })
    framer.push(bytes.subarray(0, 3))
    kept.push(...drain(framer))
    framer.push(bytes.subarray(3))
    kept.push(...drain(framer))
  }
  expect(kept.map((frame) => frame.body.toString('utf8', 0, frame.body.length - 1))).toEqual(kept.map((_, i) => `select ${i}`))
})

test('changes over from start-up packets to typed messages within one chunk', () => {
  const startup = encodeStartup({ kind: 'startup', major: 3, minor: 0, parameters: [['user', 'ann']] })
  const framer = new Framer({ mode: 'startup', maxBytes: 100 })
  framer.push(Buffer.concat([startup, session]))
  expect(framer.next()).toMatchObject({ type: 0, bytes: startup })
  framer.mode = 'typed'
  expect(framer.next()?.type).toBe(frontendType.query)
  expect(framer.rest().length).toBe(session.length - 14)
  expect(framer.pending).toBe(0)
})

test.each([
  ['a length below its own size', [0x51, 0, 0, 0, 3], 'bad-length'],
  ['a length of zero', [0x51, 0, 0, 0, 0], 'bad-length'],
  ['2^31-1', [0x51, 0x7f, 0xff, 0xff, 0xff], 'too-large'],
  ['2^31', [0x51, 0x80, 0, 0, 0], 'bad-length'],
  ['2^32-1', [0x51, 0xff, 0xff, 0xff, 0xff], 'bad-length'],
  ['one above the cap', [0x51, 0, 0, 0, 105], 'too-large'],
  ['a streamed message above what Postgres can make', [0x64, 0x7f, 0, 0, 0], 'too-large'],
])('a typed message with %s is refused from its header alone', (_, header, reason) => {
  const framer = new Framer({ mode: 'typed', maxBytes: 100, stream: new Set([frontendType.copyData]) })
  framer.push(Buffer.from(header))
  expect(() => framer.next()).toThrow(expect.objectContaining({ name: 'ProtocolViolation', reason, sqlstate: '08P01' }))
})

test.each([
  [7, 'bad-length'],
  [10_005, 'too-large'],
  [2 ** 31 - 1, 'too-large'],
  [2 ** 32 - 1, 'bad-length'],
])('a start-up packet that announces %i bytes is refused', (length, reason) => {
  const framer = new Framer({ mode: 'startup', maxBytes: 100 })
  const header = Buffer.alloc(4)
  header.writeUInt32BE(length)
  framer.push(header)
  expect(() => framer.next()).toThrow(expect.objectContaining({ reason }))
})

test('a start-up packet of exactly the cap is taken', () => {
  const framer = new Framer({ mode: 'startup', maxBytes: 100 })
  const bytes = Buffer.alloc(10_004)
  bytes.writeUInt32BE(10_004)
  framer.push(bytes)
  expect(framer.next()?.body.length).toBe(10_000)
})

test('a message announced large costs only the memory of what has come', () => {
  const framer = new Framer({ mode: 'typed', maxBytes: 1_000_000_000 })
  framer.push(Buffer.from([0x51, 0x30, 0, 0, 0]))
  framer.push(Buffer.alloc(1000))
  expect(framer.next()).toBeNull()
  expect(framer.pending).toBe(1005)
  expect(framer.rest().buffer.byteLength).toBeLessThan(10_000)
})

test('streamed messages come in pieces that add up, however they are split', () => {
  const stream = new Set<number>([frontendType.copyData])
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 40 }), (sizes) => {
      const chunks: Buffer[] = []
      for (let at = 0, i = 0; at < session.length; i++) {
        const size = sizes[i % sizes.length] ?? 1
        chunks.push(session.subarray(at, at + size))
        at += size
      }
      const framer = new Framer({ mode: 'typed', maxBytes: 10, stream })
      const frames = feed(chunks, framer)
      expect(Buffer.concat(frames.map((frame) => frame.bytes))).toEqual(session)
      const copy = frames.filter((frame) => frame.type === frontendType.copyData)
      expect(Buffer.concat(copy.map((frame) => frame.body))).toEqual(Buffer.from('x'.repeat(40)))
      expect(['whole', 'first']).toContain(copy[0]?.piece)
      expect(['whole', 'last']).toContain(copy.at(-1)?.piece)
      expect(framer.inside).toBe(false)
    }),
  )
})

test('any bytes at all give frames or a violation, nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom('startup' as const, 'typed' as const), (bytes, mode) => {
      const framer = new Framer({ mode, maxBytes: 64, maxStartupBytes: 64 })
      framer.push(Buffer.from(bytes))
      try {
        const frames = drain(framer)
        const taken = frames.reduce((sum, frame) => sum + frame.bytes.length, 0)
        expect(taken + framer.pending).toBe(bytes.length)
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolViolation)
      }
    }),
  )
})
