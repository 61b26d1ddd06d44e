import fc from 'fast-check'
import { expect, test } from 'vitest'
import { followMessages, type Direction, type Seen } from './decode.ts'

const typed = (type: string, body: Buffer | string): Buffer => {
  const bytes = Buffer.from(body)
  const head = Buffer.alloc(5)
  head.write(type, 'latin1')
  head.writeInt32BE(bytes.length + 4, 1)
  return Buffer.concat([head, bytes])
}

const untyped = (code: number, body = ''): Buffer => {
  const head = Buffer.alloc(8)
  head.writeInt32BE(8 + Buffer.byteLength(body))
  head.writeInt32BE(code, 4)
  return Buffer.concat([head, Buffer.from(body)])
}

const startup = (pairs: Readonly<Record<string, string>>) =>
  untyped(
    196_608,
    `${Object.entries(pairs)
      .map(([name, value]) => `${name}\0${value}\0`)
      .join('')}\0`,
  )

function followed(direction: Direction, chunks: readonly Buffer[]): Seen[] {
  const follow = followMessages(direction)
  return chunks.flatMap((chunk) => [...follow(chunk)])
}

/** The bytes cut at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return sorted
    .slice(1)
    .map((end, i) => bytes.subarray(sorted[i], end))
    .filter((piece) => piece.length > 0)
}

const session = Buffer.concat([
  untyped(80_877_103),
  startup({ user: 'orochi_app', database: 'orochi', 'orochi.claims': 'whatever it is' }),
  typed('p', 'SCRAM-SHA-256\0…'),
  typed('Q', 'select 1\0'),
  typed('P', 's1\0select $1\0\0\0'),
  typed('B', '\0s1\0the value'),
  typed('d', 'x'.repeat(70_000)),
  typed('X', ''),
])

test('a session is told message by message', () => {
  expect(followed('to-server', [session]).map(({ type, bytes, text }) => [type, bytes, text])).toEqual([
    ['SSLRequest', 8, ''],
    ['StartupMessage', 70, 'user=orochi_app database=orochi orochi.claims=<blanked>'],
    ['p', 22, ''],
    ['Q', 14, 'select 1'],
    ['P', 20, 's1 select $1'],
    ['B', 18, ''],
    ['d', 70_005, ''],
    ['X', 5, ''],
  ])
})

test('however it is cut, the same messages are seen', () => {
  const whole = followed('to-server', [session])
  fc.assert(
    fc.property(fc.array(fc.nat(session.length), { maxLength: 40 }), (places) => {
      expect(followed('to-server', cut(session, places))).toEqual(whole)
    }),
  )
})

test('the answers of a server: the byte to an SSLRequest, tags, errors, states', () => {
  const error = typed('E', 'SFATAL\0VFATAL\0C28000\0Mthe login was refused\0\0')
  const answers = [
    Buffer.from('N'),
    typed('R', '\0\0\0\0'),
    typed('K', Buffer.from([0, 0, 0, 1, 0, 0, 0, 2])),
    typed('C', 'SELECT 1\0'),
    typed('Z', 'I'),
    error,
  ]
  expect(followed('to-client', answers).map(({ type, text }) => [type, text])).toEqual([
    ['N', 'answer to an SSLRequest'],
    ['R', ''],
    ['K', ''],
    ['C', 'SELECT 1'],
    ['Z', 'I'],
    ['E', 'FATAL 28000 the login was refused'],
  ])
})

test('noise is let go, without a throw and without keeping it', () => {
  fc.assert(
    fc.property(fc.constantFrom('to-server', 'to-client'), fc.array(fc.uint8Array({ maxLength: 300 })), (direction, chunks) => {
      for (const { text } of followed(
        direction as Direction,
        chunks.map((chunk) => Buffer.from(chunk)),
      ))
        expect(text.length).toBeLessThan(3_000)
    }),
  )
})

test('TLS is noise', () => {
  expect(followed('to-server', [untyped(80_877_103), Buffer.from('1603010200010001fc0303', 'hex')])).toHaveLength(1)
})

const secret = fc.stringMatching(/^[A-Za-z0-9_-]{30,60}$/).filter((text) => /\d/.test(text) && /[A-Za-z]/.test(text))
const placings: readonly ((secret: string) => readonly [Direction, Buffer])[] = [
  (it) => ['to-server', typed('p', `${it}\0`)],
  (it) => ['to-server', typed('B', `\0\0${it}`)],
  (it) => ['to-server', typed('Q', `alter role x password '${it}'\0`)],
  (it) => ['to-server', typed('Q', `set orochi.claims = '${it}'\0`)],
  (it) => ['to-server', typed('Q', `select set_config('request.jwt.claims', '${it}', false)\0`)],
  (it) => ['to-server', typed('Q', `select '{"sub": "${it}"}'\0`)],
  (it) => ['to-server', typed('P', `\0select 'eyJ${it}.eyJ${it}.${it}'\0`)],
  (it) => ['to-client', typed('D', it)],
  (it) => ['to-client', typed('S', `orochi.claims\0${it}\0`)],
  (it) => ['to-client', typed('E', `SERROR\0VERROR\0C22023\0Mbad value "${it}"\0\0`)],
  (it) => ['to-client', typed('d', it)],
  (it) => ['to-client', typed('R', `\0\0\0\x0b${it}`)],
]

test('no part of a secret is kept, wherever it travels', () => {
  fc.assert(
    fc.property(secret, fc.constantFrom(...placings), (it, place) => {
      const [direction, message] = place(it)
      const begin = direction === 'to-server' ? [startup({ user: 'x', options: `-c orochi.claims=${it}`, 'request.jwt.claims': it })] : []
      const kept = JSON.stringify(followed(direction, [...begin, message]))
      for (let at = 0; at + 12 <= it.length; at++) expect(kept).not.toContain(it.slice(at, at + 12))
    }),
  )
})
