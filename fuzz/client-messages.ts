/** What a client can say: each message by name, how it is written, and how one is thought of. */
import * as encode from '../fixtures/probe/encode.ts'
import type { ScramExchange } from '../fixtures/probe/scram.ts'
import type { Random } from './random.ts'
import type { Message } from './script.ts'

/** What a message needs that differs from run to run. */
export interface ClientMeans {
  /** Tokens by name: `good` and those that must not open the door. */
  readonly tokens: Readonly<Record<string, string>>
  readonly scram: ScramExchange
  /** The server's last SCRAM words. */
  readonly challenge: () => string
}

export const tokenNames = [
  'good',
  'expired',
  'forged',
  'unsigned',
  'other-role',
  'no-exp',
  'deep',
  'huge',
  'odd-json',
  'odd-header',
] as const

/** Start-up packets and requests have no letter. */
export const letterless: ReadonlySet<string> = new Set(['ssl-request', 'gss-request', 'cancel', 'startup'])

const str = (value: unknown): string => (typeof value === 'string' ? value : '')
const num = (value: unknown): number => (typeof value === 'number' ? value : 0)

export function writeClientMessage(message: Message, means: ClientMeans): Buffer {
  switch (message.name) {
    case 'ssl-request':
      return encode.sslRequest()
    case 'gss-request':
      return encode.gssRequest()
    case 'cancel':
      return encode.cancelRequest(num(message['pid']), Buffer.from(str(message['secret']), 'hex'))
    case 'startup':
      return startup(num(message['version']), message['parameters'] as readonly (readonly [string, string])[])
    case 'token':
      return encode.password(means.tokens[str(message['token'])] ?? str(message['token']))
    case 'sasl-initial':
      return encode.saslInitial(str(message['mechanism']), means.scram.clientFirst)
    case 'sasl-response':
      return encode.saslResponse(proof(means))
    case 'query':
      return encode.query(str(message['text']))
    case 'parse':
      return encode.parse(str(message['statement']), str(message['text']), [0, 23])
    case 'bind':
      return encode.bind({ statement: str(message['statement']), values: [Buffer.from('1'), null], valueFormats: [0], resultFormats: [1] })
    case 'describe':
      return encode.describe('S', str(message['statement']))
    case 'close':
      return encode.close('S', str(message['statement']))
    case 'execute':
      return encode.execute('', num(message['rows']))
    case 'frame':
      return encode.frame(str(message['letter']), Buffer.from(str(message['hex']), 'hex'))
    case 'flood':
      return encode.frame(str(message['letter']), Buffer.alloc(num(message['bytes']), 0x61))
    default:
      return Buffer.from(str(message['hex']), 'hex')
  }
}

/** A challenge that cannot be answered is answered all the same. */
function proof({ scram, challenge }: ClientMeans): string {
  try {
    return scram.clientFinal(challenge())
  } catch {
    return 'c=biws,r=none,p=AAAA'
  }
}

function startup(version: number, parameters: readonly (readonly [string, string])[]): Buffer {
  const pairs = parameters.map(([name, value]) => Buffer.from(`${name}\0${value}\0`))
  const body = Buffer.concat([Buffer.alloc(4), ...pairs, Buffer.alloc(1)])
  body.writeUInt32BE(version >>> 0)
  const head = Buffer.alloc(4)
  head.writeUInt32BE(body.length + 4)
  return Buffer.concat([head, body])
}

const versions = [0x3_0000, 0x3_0000, 0x3_0002, 0x3_0003, 0x3_270f, 0x2_0000, 0x4_0000, 0]
const names = [
  ...['user', 'database', 'application_name', 'client_encoding', 'options', 'DateStyle', 'TimeZone', 'search_path', 'replication'],
  ...['_pq_.x', '_pq_.', 'orochi.claims', 'ORoChi.tenant_id', 'request.jwt.claims', 'pgdog.shard', 'role', 'session_authorization'],
  ...['a"b', "a'b", 'a b', 'ä', '__proto__', 'constructor', 'statement_timeout', 'extra_float_digits', 'x'.repeat(64)],
]
const values = [
  ...[
    '',
    'tenant_user',
    'orochi',
    'postgres',
    'on',
    'true',
    'database',
    '-1',
    'UTF8',
    "'; drop table x; --",
    '\\',
    '"',
    '$$',
    '\n',
    '\u001b[31m',
    'ä',
  ],
  ...[
    '-c orochi.tenant_id=x',
    '-corochi.tenant_id=x',
    '--search_path=evil',
    '-c a=b\\ c',
    '-c',
    '-c x',
    '\\',
    'x'.repeat(300),
    'y'.repeat(5000),
  ],
]
const texts = [
  'select 1',
  '',
  ';',
  'begin',
  'commit',
  'set orochi.x = 1',
  "select '",
  '/*',
  'copy t from stdin',
  'discard all',
  'sleep',
  'x'.repeat(20_000),
]
const statements = ['', 's', 'a"b', 's'.repeat(70)]
const letters = [...'QPBDECSHXdcfpFvRZK!\0'] as readonly string[]

export function thinkOfClientMessage(random: Random): Message {
  const statement = random.pick(statements)
  const kinds: (() => Message)[] = [
    () => ({ name: 'ssl-request' }),
    () => ({ name: 'gss-request' }),
    () => ({
      name: 'cancel',
      pid: random.int(2 ** 31),
      secret: random.bytes(random.pick([0, 1, 3, 4, 5, 32, 256, 257, 300])).toString('hex'),
    }),
    () => thinkOfStartup(random),
    () => thinkOfStartup(random),
    () => ({ name: 'token', token: random.pick(tokenNames) }),
    () => ({ name: 'token', token: random.pick(['', 'a', 'a.b.c', '....', 'x'.repeat(65_535), 'x'.repeat(65_536), '\u0001ä\n']) }),
    () => ({ name: 'sasl-initial', mechanism: random.pick(['SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS', 'OAUTHBEARER', '']) }),
    () => ({ name: 'sasl-response' }),
    () => ({ name: 'query', text: random.pick(texts) }),
    () => ({ name: 'parse', statement, text: random.pick(texts) }),
    () => ({ name: 'bind', statement }),
    () => ({ name: 'describe', statement }),
    () => ({ name: 'close', statement }),
    () => ({ name: 'execute', rows: random.pick([0, 1, -1]) }),
    () => ({ name: 'frame', letter: random.pick(letters), hex: random.bytes(random.int(24)).toString('hex') }),
    () => ({ name: 'flood', letter: random.pick(letters), bytes: random.pick([65_535, 70_000, 300_000, 2_000_000]) }),
    () => ({ name: 'raw', hex: random.bytes(1 + random.int(40)).toString('hex') }),
  ]
  return random.pick(kinds)()
}

function thinkOfStartup(random: Random): Message {
  const own = random.chance(0.8) ? ([['user', 'tenant_user'], ['database', 'orochi']] as const) : [] // prettier-ignore
  return { name: 'startup', version: random.pick(versions), parameters: [...own, ...thinkOfParameters(random)] }
}

/** Mostly few: a packet of many is refused for its length alone. */
export function thinkOfParameters(random: Random): readonly (readonly [string, string])[] {
  const count = random.chance(0.03) ? 1500 : random.int(4)
  return Array.from({ length: count }, () => [random.pick(names), random.pick(values)] as const)
}
