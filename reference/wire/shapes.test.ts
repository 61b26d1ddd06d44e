import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkShape, decodeFrontend, encodeFrontend, frameOf, frontendType, ProtocolViolation, type FrontendMessage } from './index.ts'

const text = fc.string().map((value) => value.replaceAll('\0', ''))
const message: fc.Arbitrary<FrontendMessage> = fc.oneof(
  text.map((value): FrontendMessage => ({ kind: 'query', text: value })),
  fc.record({ kind: fc.constant('parse' as const), name: text, text, types: fc.array(fc.nat()) }),
  fc.record({
    kind: fc.constant('bind' as const),
    portal: text,
    statement: text,
    formats: fc.array(fc.constantFrom(0, 1)),
    values: fc.array(fc.option(fc.uint8Array().map((bytes) => Buffer.from(bytes)))),
    results: fc.array(fc.constantFrom(0, 1)),
  }),
  fc.record({ kind: fc.constantFrom('describe' as const, 'close' as const), target: fc.constantFrom('statement' as const, 'portal' as const), name: text }), // prettier-ignore
  fc.record({ kind: fc.constant('execute' as const), portal: text, limit: fc.nat() }),
  text.map((reason): FrontendMessage => ({ kind: 'copy-fail', reason })),
  fc.constantFrom<FrontendMessage>({ kind: 'sync' }, { kind: 'flush' }, { kind: 'copy-done' }),
)

function holds(check: () => unknown): boolean {
  try {
    check()
    return true
  } catch (error) {
    if (error instanceof ProtocolViolation) return false
    throw error
  }
}

test('what is written by the codec has its shape, and loses it with any byte at its end', () => {
  fc.assert(
    fc.property(message, (m) => {
      const bytes = encodeFrontend(m)
      checkShape(frameOf(bytes))
      expect(() => checkShape(frameOf(Buffer.concat([bytes, Buffer.from('a')])))).toThrow(ProtocolViolation)
      if (bytes.length > 5) expect(() => checkShape(frameOf(bytes.subarray(0, -1)))).toThrow(ProtocolViolation)
    }),
  )
})

test('of hostile bytes it says what the codec says', () => {
  const letters = fc.constantFrom(...'QPBDCEfcSH').map((letter) => letter.charCodeAt(0))
  fc.assert(
    fc.property(letters, fc.uint8Array({ maxLength: 40 }), (letter, body) => {
      const frame = frameOf(Buffer.concat([Buffer.from([letter, 0, 0, 0, 0]), body]))
      const readable = holds(() => decodeFrontend(frame))
      const shaped = holds(() => checkShape(frame))
      // Which kind of thing is described or closed is for the server to say.
      if (letter !== frontendType.describe && letter !== frontendType.close) expect(shaped).toBe(readable)
      else if (readable) expect(shaped).toBe(true)
    }),
    { numRuns: 2000 },
  )
})

test.each([
  ['short', '00000001000000010000000a61', false],
  ['whole', '000000010000000100000001610000', true],
  ['null', '0000000100000001ffffffff0001', true],
])('a function call that is %s', (_name, hex, good) => {
  const frame = frameOf(Buffer.concat([Buffer.from('4600000000', 'hex'), Buffer.from(hex, 'hex')]))
  expect(holds(() => checkShape(frame))).toBe(good)
})
