import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeBackend,
  decodeFields,
  decodeFrontend,
  decodeStartup,
  encodeBackend,
  encodeFrontend,
  encodeStartup,
  errorMessage,
  frameOf,
  parametersOf,
  ProtocolViolation,
  statementNameOf,
  withStatementName,
  type BackendMessage,
  type FrontendMessage,
  type PasswordStage,
  type StartupPacket,
} from './index.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((s) => !s.includes('\0') && s.isWellFormed())
const name = text.filter((s) => s !== '')
const bytes = fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array))
const nullable = fc.option(bytes)
const oid = fc.integer({ min: 0, max: 0xffff_ffff })
const short = fc.integer({ min: -0x8000, max: 0x7fff })
const int = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff })
const secret = fc.uint8Array({ minLength: 4, maxLength: 256 }).map((array) => Buffer.from(array))
const kind = <K extends string>(value: K): fc.Arbitrary<K> => fc.constant(value)
const target = fc.constantFrom('statement' as const, 'portal' as const)

const frontend: fc.Arbitrary<FrontendMessage> = fc.oneof(
  fc.record({ kind: kind('query'), text }),
  fc.record({ kind: kind('parse'), name: text, text, types: fc.array(oid) }),
  fc.record({
    kind: kind('bind'),
    portal: text,
    statement: text,
    formats: fc.array(short),
    values: fc.array(nullable),
    results: fc.array(short),
  }),
  fc.record({ kind: fc.constantFrom('describe' as const, 'close' as const), target, name: text }),
  fc.record({ kind: kind('execute'), portal: text, limit: int }),
  fc.record({ kind: fc.constantFrom('sync' as const, 'flush' as const, 'terminate' as const, 'copy-done' as const) }),
  fc.record({ kind: kind('copy-data'), data: bytes }),
  fc.record({ kind: kind('copy-fail'), reason: text }),
  fc.record({ kind: kind('function-call'), body: bytes }),
  fc.record({ kind: kind('password'), password: text }),
  fc.record({ kind: kind('sasl-initial'), mechanism: text, data: nullable }),
  fc.record({ kind: kind('sasl-response'), data: bytes }),
)

const column = fc.record({ name: text, table: oid, attribute: short, type: oid, size: short, modifier: int, format: short })
const fields = fc
  .array(fc.tuple(fc.constantFrom('S', 'V', 'D', 'H', 'P', 'F'), text))
  .map((pairs) => new Map([['C', '42P01'], ['M', 'm'], ...pairs]))

const backend: fc.Arbitrary<BackendMessage> = fc.oneof(
  fc.record({ kind: fc.constantFrom('authentication-ok' as const, 'authentication-cleartext' as const) }),
  fc.record({ kind: kind('authentication-md5'), salt: fc.uint8Array({ minLength: 4, maxLength: 4 }).map((array) => Buffer.from(array)) }),
  fc.record({ kind: kind('authentication-sasl'), mechanisms: fc.array(name) }),
  fc.record({ kind: fc.constantFrom('authentication-sasl-continue' as const, 'authentication-sasl-final' as const), data: bytes }),
  fc.record({ kind: kind('parameter-status'), name: text, value: text }),
  fc.record({ kind: kind('backend-key-data'), processId: int, secret }),
  fc.record({ kind: kind('ready-for-query'), status: fc.constantFrom('I' as const, 'T' as const, 'E' as const) }),
  fc.record({ kind: fc.constantFrom('error-response' as const, 'notice-response' as const), fields }),
  fc.record({ kind: kind('row-description'), columns: fc.array(column) }),
  fc.record({ kind: kind('data-row'), values: fc.array(nullable) }),
  fc.record({ kind: kind('command-complete'), tag: text }),
  fc.record({ kind: kind('parameter-description'), types: fc.array(oid) }),
  fc.record({
    kind: fc.constantFrom('copy-in' as const, 'copy-out' as const, 'copy-both' as const),
    format: fc.constantFrom(0, 1),
    columns: fc.array(fc.constantFrom(0, 1)),
  }),
  fc.record({ kind: kind('copy-data'), data: bytes }),
  fc.record({ kind: kind('notification'), processId: int, channel: text, payload: text }),
  fc.record({ kind: kind('negotiate-protocol'), version: oid, options: fc.array(text) }),
  fc.record({ kind: kind('function-result'), value: nullable }),
  fc.record({
    kind: fc.constantFrom('parse-complete' as const, 'bind-complete' as const, 'no-data' as const, 'portal-suspended' as const),
  }),
)

const startup: fc.Arbitrary<StartupPacket> = fc.oneof(
  fc.record({ kind: kind('startup'), major: fc.constant(3), minor: fc.nat(0xffff), parameters: fc.array(fc.tuple(name, text)) }),
  fc.record({ kind: fc.constantFrom('ssl-request' as const, 'gss-request' as const) }),
  fc.record({ kind: kind('cancel-request'), processId: int, secret }),
)

const stageOf = (m: FrontendMessage): PasswordStage => (m.kind === 'sasl-initial' || m.kind === 'sasl-response' ? m.kind : 'password')

test('client messages survive the way there and back', () => {
  fc.assert(fc.property(frontend, (m) => void expect(decodeFrontend(frameOf(encodeFrontend(m)), stageOf(m))).toEqual(m)))
})

test('server messages survive the way there and back', () => {
  fc.assert(fc.property(backend, (m) => void expect(decodeBackend(frameOf(encodeBackend(m)))).toEqual(m)))
})

test('start-up packets survive the way there and back', () => {
  fc.assert(fc.property(startup, (m) => void expect(decodeStartup(encodeStartup(m).subarray(4))).toEqual(m)))
})

const attempt = (read: () => unknown): void => {
  try {
    read()
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolViolation)
  }
}

test('a message cut at any byte, or of any bytes, is a violation or a message, never another error', () => {
  const letters = fc.constantFrom(...'RKCDEGHNSTtVvWZ123IcdnsABFPQXpf'.split(''))
  fc.assert(
    fc.property(letters, fc.uint8Array({ maxLength: 60 }), (letter, body) => {
      const frame = { type: letter.charCodeAt(0), bytes: Buffer.from(body), body: Buffer.from(body), piece: 'whole' as const }
      attempt(() => decodeFrontend(frame, 'sasl-initial'))
      attempt(() => decodeBackend(frame))
      attempt(() => decodeStartup(frame.body))
      attempt(() => statementNameOf(frame))
    }),
    { numRuns: 500 },
  )
})

test.each<[string, Buffer, string]>([
  ['Query', encodeFrontend({ kind: 'query', text: 'select 1' }), '510000000d73656c656374203100'],
  ['Sync', encodeFrontend({ kind: 'sync' }), '5300000004'],
  ['Terminate', encodeFrontend({ kind: 'terminate' }), '5800000004'],
  ['Parse', encodeFrontend({ kind: 'parse', name: 's', text: 'q', types: [23] }), '500000000e730071000001 00000017'],
  [
    'Bind',
    encodeFrontend({ kind: 'bind', portal: '', statement: 's', formats: [1], values: [Buffer.from([7]), null], results: [] }),
    '4200000018 00 7300 00010001 0002 0000000107 ffffffff 0000',
  ],
  ['SASLInitialResponse', encodeFrontend({ kind: 'sasl-initial', mechanism: 'X', data: Buffer.from('ab') }), '700000000c5800000000026162'],
  ['AuthenticationOk', encodeBackend({ kind: 'authentication-ok' }), '520000000800000000'],
  ['AuthenticationSASL', encodeBackend({ kind: 'authentication-sasl', mechanisms: ['X'] }), '520000000b0000000a580000'],
  ['ReadyForQuery', encodeBackend({ kind: 'ready-for-query', status: 'I' }), '5a0000000549'],
  [
    'BackendKeyData',
    encodeBackend({ kind: 'backend-key-data', processId: 1, secret: Buffer.from([0, 0, 0, 2]) }),
    '4b0000000c0000000100000002',
  ],
  ['CommandComplete', encodeBackend({ kind: 'command-complete', tag: 'SET' }), '430000000853455400'],
  ['DataRow', encodeBackend({ kind: 'data-row', values: [Buffer.from('1'), null] }), '440000000f000200000001 31 ffffffff'],
  ['SSLRequest', encodeStartup({ kind: 'ssl-request' }), '0000000804d2162f'],
  ['GSSENCRequest', encodeStartup({ kind: 'gss-request' }), '0000000804d21630'],
  [
    'CancelRequest',
    encodeStartup({ kind: 'cancel-request', processId: 5, secret: Buffer.from([0, 0, 0, 6]) }),
    '0000001004d2162e0000000500000006',
  ],
  [
    'StartupMessage 3.2',
    encodeStartup({ kind: 'startup', major: 3, minor: 2, parameters: [['user', 'a']] }),
    '0000001000030002 7573657200 6100 00',
  ],
  [
    'ErrorResponse',
    errorMessage({ severity: 'FATAL', code: '28000', message: 'no' }),
    '450000001e 53464154414c00 56464154414c00 43323830303000 4d6e6f00 00',
  ],
])('%s has the bytes the protocol demands', (_, made, golden) => {
  expect(made.toString('hex')).toBe(golden.replaceAll(' ', ''))
})

test.each<[string, string, string]>([
  ['no final NUL', '00030000 75736572', 'unterminated'],
  ['no terminator of the list', '00030000 757365720061 00', 'unterminated'],
  ['bytes behind its end', '00030000 0000', 'trailing-bytes'],
  ['a name that is not UTF-8', '00030000 ff00 6100 00', 'bad-encoding'],
  ['a value that is not UTF-8', '00030000 7500 c300 00', 'bad-encoding'],
  ['SSLRequest with something behind it', '04d2162f00', 'trailing-bytes'],
  ['cancel key of three bytes', '04d2162e00000001000000', 'bad-length'],
])('a start-up packet with %s is a violation', (_, body, reason) => {
  expect(() => decodeStartup(Buffer.from(body.replaceAll(' ', ''), 'hex'))).toThrow(expect.objectContaining({ reason }))
})

test('other major versions are told, not read', () => {
  expect(decodeStartup(Buffer.from('00020000ffff', 'hex'))).toEqual({ kind: 'startup', major: 2, minor: 0, parameters: [] })
})

test('a start-up value may begin with a byte order mark and keeps it', () => {
  const packet = { kind: 'startup', major: 3, minor: 0, parameters: [['a', '\ufeffx']] } as const
  expect(decodeStartup(encodeStartup(packet).subarray(4))).toEqual(packet)
})

test('of duplicate start-up parameters the last counts', () => {
  expect(
    parametersOf({
      parameters: [
        ['user', 'a'],
        ['user', 'b'],
      ],
    }),
  ).toEqual(new Map([['user', 'b']]))
})

test('an error without SQLSTATE gets one', () => {
  expect(decodeFields(Buffer.from('Mx\0\0', 'latin1'))).toEqual(
    new Map([
      ['M', 'x'],
      ['C', 'XX000'],
    ]),
  )
})

test('a NUL in an error text is dropped, in a query refused', () => {
  expect(errorMessage({ severity: 'ERROR', code: '22000', message: 'a\0b' }).includes('ab')).toBe(true)
  expect(() => encodeFrontend({ kind: 'query', text: 'a\0b' })).toThrow(RangeError)
})

test('a renamed message differs in its statement name only', () => {
  fc.assert(
    fc.property(frontend, name, (m, renamed) => {
      const latin1 = Buffer.from(renamed).toString('latin1')
      const frame = frameOf(encodeFrontend(m))
      const named = m.kind === 'parse' || m.kind === 'bind' || ((m.kind === 'describe' || m.kind === 'close') && m.target === 'statement')
      if (!named) return void expect(statementNameOf(frame)).toBeNull()
      const expected = m.kind === 'bind' ? { ...m, statement: renamed } : { ...m, name: renamed }
      const changed = frameOf(withStatementName(frame, latin1))
      expect(statementNameOf(changed)).toBe(latin1)
      return void expect(decodeFrontend(changed)).toEqual(expected)
    }),
  )
})
