/** What a server behind the gateway can say: each message by name, how it is written, and how one is thought of. */
import { frame } from '../fixtures/probe/encode.ts'
import type { Random } from './random.ts'
import type { Bent, ScramServer } from './scram-server.ts'
import type { Message } from './script.ts'

export interface ServerMeans {
  readonly scram: ScramServer
  /** What the gateway said last, without its header. */
  readonly heard: () => Buffer
}

const str = (value: unknown): string => (typeof value === 'string' ? value : '')
const num = (value: unknown): number => (typeof value === 'number' ? value : 0)

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value | 0)
  return bytes
}
const text = (value: string): Buffer => Buffer.from(`${value}\0`)
const authentication = (code: number, data: Buffer = Buffer.alloc(0)): Buffer => frame('R', int32(code), data)

export function writeServerMessage(message: Message, { scram, heard }: ServerMeans): Buffer {
  switch (message.name) {
    case 'sasl':
      return authentication(10, Buffer.concat([...(message['mechanisms'] as string[]).map(text), Buffer.alloc(1)]))
    case 'challenge':
      return authentication(11, Buffer.from(scram.challenge(saslText(heard()), (message['bent'] ?? {}) as Bent)))
    case 'final':
      return authentication(12, Buffer.from(message['bent'] === undefined ? scram.final(heard().toString('latin1')) : str(message['bent'])))
    case 'ok':
      return authentication(0)
    case 'authentication':
      return authentication(num(message['code']), Buffer.from(str(message['hex']), 'hex'))
    case 'parameter':
      return frame('S', text(str(message['parameter'])), text(str(message['value'])))
    case 'key':
      return frame('K', int32(num(message['pid'])), Buffer.from(str(message['secret']), 'hex'))
    case 'fields':
      return frame(
        str(message['letter']),
        ...(message['fields'] as [string, string][]).map(([letter, value]) => text(letter + value)),
        Buffer.alloc(1),
      )
    case 'ready':
      return frame('Z', Buffer.from(str(message['status'])))
    case 'flood':
      return frame(str(message['letter']), Buffer.alloc(num(message['bytes']), num(message['byte'])))
    case 'many':
      return Buffer.concat(
        Array.from({ length: num(message['count']) }, (_, i) => frame('S', text(`parameter_${i}`), text('x'.repeat(90)))),
      )
    case 'frame':
      return frame(str(message['letter']), Buffer.from(str(message['hex']), 'hex'))
    default:
      return Buffer.from(str(message['hex']), 'hex')
  }
}

/** Mechanism, length, text. */
function saslText(body: Buffer): string {
  const end = body.indexOf(0)
  return body.toString('latin1', end < 0 ? 0 : end + 5)
}

const letters = [...'RSKNEZTDC123nstIGHWAvVt!\0']
const codes = ['08006', '53300', '57P03', '22023', '28P01', '', 'abc', 'ZZZZZ\n', '00000']

export function thinkOfServerMessage(random: Random): Message {
  const kinds: (() => Message)[] = [
    () => ({
      name: 'sasl',
      mechanisms: random.pick([['SCRAM-SHA-256'], [], ['SCRAM-SHA-256-PLUS'], ['X'.repeat(5000)], Array(300).fill('A') as string[]]),
    }),
    () => ({ name: 'challenge', bent: thinkOfBent(random) }),
    () => ({ name: 'final', bent: random.pick(['v=AAAA', 'e=other-error', '', 'v=', `v=${'A'.repeat(60_000)}`]) }),
    () => ({ name: 'ok' }),
    () => ({
      name: 'authentication',
      code: random.pick([2, 3, 5, 7, 8, 9, 10, 11, 12, 13, -1]),
      hex: random.bytes(random.int(12)).toString('hex'),
    }),
    () => ({
      name: 'parameter',
      parameter: random.pick(['server_version', 'x', '', 'a\nb', 'client_encoding']),
      value: random.pick(['', '18.4', 'ä', 'x'.repeat(60_000)]),
    }),
    () => ({ name: 'key', pid: random.int(2 ** 32), secret: random.bytes(random.pick([0, 1, 4, 32, 256, 257, 3000])).toString('hex') }),
    () => ({ name: 'fields', letter: random.pick(['E', 'N']), fields: thinkOfFields(random) }),
    () => ({ name: 'ready', status: random.pick(['I', 'T', 'E', 'x', '', 'II']) }),
    () => ({
      name: 'flood',
      letter: random.pick(letters),
      bytes: random.pick([65_530, 70_000, 400_000, 3_000_000]),
      byte: random.pick([0, 0x61, 0xff]),
    }),
    () => ({ name: 'many', count: random.pick([10, 200, 15_000]) }),
    () => ({ name: 'frame', letter: random.pick(letters), hex: random.bytes(random.int(24)).toString('hex') }),
    () => ({ name: 'raw', hex: random.bytes(1 + random.int(40)).toString('hex') }),
  ]
  return random.pick(kinds)()
}

function thinkOfBent(random: Random): Bent {
  return random.pick<Bent>([
    { nonce: 'own' },
    { nonce: 'empty' },
    { salt: '' },
    { salt: '!!!' },
    { salt: 'A'.repeat(40_000) },
    { iterations: '0' },
    { iterations: '-1' },
    { iterations: '1e9' },
    { iterations: '2000000000' },
    { iterations: '99999999999999999999' },
    { iterations: 'x' },
    { extra: ',m=must' },
    { extra: `,x=${'y'.repeat(50_000)}` },
  ])
}

function thinkOfFields(random: Random): [string, string][] {
  const all: [string, string][] = [
    ['S', random.pick(['FATAL', 'ERROR', 'x', ''])],
    ['V', 'FATAL'],
    ['C', random.pick(codes)],
    ['M', random.pick(['no', '', 'a\nb\u001b[2J', 'ä'.repeat(20_000), 'password orochi secret'])],
  ]
  return all.filter(() => !random.chance(0.25))
}
