/** Thinks of scripts: good conversations with a few things wrong in them, for it is behind the first right words that faults lie. */
import { thinkOfClientMessage, thinkOfParameters, tokenNames } from './client-messages.ts'
import { thinkOfEdits } from './edits.ts'
import type { Random } from './random.ts'
import { hear, say, type Act, type Leg, type Message, type Script } from './script.ts'
import { thinkOfServerMessage } from './server-messages.ts'

const ssl: Act[] = [say({ name: 'ssl-request' }), hear, { act: 'tls', alpn: [] }]
const direct: Act[] = [{ act: 'tls', alpn: ['postgresql'] }]
const startup = (
  version = 0x3_0000,
  parameters: readonly (readonly [string, string])[] = [
    ['user', 'tenant_user'],
    ['database', 'orochi'],
  ],
) =>
  // prettier-ignore
  say({ name: 'startup', version, parameters })
const token = (name: string) => say({ name: 'token', token: name })
const query = (text: string) => say({ name: 'query', text })
const sasl = [say({ name: 'sasl-initial', mechanism: 'SCRAM-SHA-256' }), hear, say({ name: 'sasl-response' }), hear]

function goodGatewayClient(random: Random): Act[] {
  const before = random.pick([ssl, ssl, direct, [say({ name: 'gss-request' }), hear, ...ssl], []])
  const name = random.chance(0.6) ? 'good' : random.pick(tokenNames)
  const own = [['user', 'tenant_user'], ['database', 'orochi'], ...(random.chance(0.4) ? thinkOfParameters(random) : [])] as const // prettier-ignore
  const whole = [
    ...before,
    startup(random.pick([0x3_0000, 0x3_0002]), own),
    hear,
    token(name),
    ...(random.chance(0.5) ? [hear] : []),
    query('select 1'),
    hear,
  ]
  return random.chance(0.1) ? [...(random.chance(0.5) ? ssl : []), say({ name: 'cancel', pid: 7, secret: '01020304' }), hear] : whole
}

/** The router asks for a password by SCRAM, and takes turns on server connections by what it reads. */
function goodRouterClient(random: Random): Act[] {
  const work = Array.from({ length: 1 + random.int(4) }, () => random.pick([simple, extended, transaction, copy])).flat()
  const before = random.chance(0.2) ? [say({ name: 'ssl-request' }), hear] : []
  const user = [['user', 'app'], ['database', 'orochi']] as const // prettier-ignore
  return [...before, startup(random.pick([0x3_0000, 0x3_0002]), user), hear, ...sasl, ...work, say({ name: 'frame', letter: 'X', hex: '' })]
}

const simple: Act[] = [query('select 1'), hear]
const transaction: Act[] = [query('begin'), hear, query('fail'), hear, query('rollback'), hear]
const copy: Act[] = [
  query('copy t from stdin'),
  hear,
  say({ name: 'frame', letter: 'd', hex: '310a' }),
  say({ name: 'frame', letter: 'c', hex: '' }),
  hear,
]
const extended: Act[] = [
  say({ name: 'parse', statement: 's', text: 'select $1' }),
  say({ name: 'bind', statement: 's' }),
  say({ name: 'describe', statement: 's' }),
  say({ name: 'execute', rows: 0 }),
  say({ name: 'close', statement: 's' }),
  say({ name: 'frame', letter: 'S', hex: '' }),
  hear,
]

export const goodBackend: readonly Act[] = [
  say({ name: 'sasl', mechanisms: ['SCRAM-SHA-256'] }),
  hear,
  say({ name: 'challenge' }),
  hear,
  say({ name: 'final' }),
  say({ name: 'ok' }),
  say({ name: 'parameter', parameter: 'server_version', value: '18.4' }),
  say({ name: 'fields', letter: 'N', fields: [['S', 'NOTICE'], ['C', '00000'], ['M', 'hello']] }), // prettier-ignore
  say({ name: 'key', pid: 7, secret: '01020304' }),
  say({ name: 'ready', status: 'I' }),
  hear,
  say({ name: 'frame', letter: 'C', hex: '53454c454354203100' }),
  say({ name: 'ready', status: 'I' }),
]

export function think(leg: Leg, random: Random): Script {
  const good = leg === 'gateway-client' ? goodGatewayClient(random) : leg === 'router-client' ? goodRouterClient(random) : [...goodBackend]
  const message = leg === 'gateway-backend' ? thinkOfServerMessage : thinkOfClientMessage
  const count = random.chance(0.05) ? 0 : 1 + random.int(3)
  const acts = Array.from({ length: count }).reduce<Act[]>((changed) => mutate(changed, random, message), good)
  const whole = leg === 'gateway-client' ? acts : acts.filter(({ act }) => act !== 'tls')
  return { leg, acts: random.chance(0.3) ? whole.map((act) => cutUp(act, random)) : whole }
}

function mutate(acts: readonly Act[], random: Random, message: (random: Random) => Message): Act[] {
  const at = random.int(acts.length + 1)
  const act = acts[at]
  const kinds: (() => Act[])[] = [
    () => acts.with(Math.min(at, acts.length - 1), say(message(random))),
    () => acts.toSpliced(at, 0, say(message(random), ...(random.chance(0.3) ? thinkOfEdits(random) : []))),
    () => (act?.act === 'say' ? acts.with(at, { ...act, edits: [...act.edits, ...thinkOfEdits(random)] }) : [...acts]),
    () => (act?.act === 'say' ? acts.with(at, { ...act, edits: [...act.edits, ...thinkOfEdits(random)] }) : [...acts]),
    () => acts.toSpliced(at, 1),
    () => acts.toSpliced(at, 1 + random.int(3)),
    () => (act === undefined ? [...acts] : acts.toSpliced(at, 0, act)),
    () => acts.slice(0, at),
    () => acts.filter(({ act: kind }) => kind !== 'hear'),
    () =>
      acts.toSpliced(
        at,
        0,
        random.pick<Act>([{ act: 'pause', ms: 30 }, { act: 'half-close' }, { act: 'reset' }, { act: 'tls', alpn: ['http/1.1'] }, hear]),
      ),
  ]
  return acts.length === 0 ? [say(message(random))] : random.pick(kinds)()
}

function cutUp(act: Act, random: Random): Act {
  return act.act === 'say' && random.chance(0.5) ? { ...act, cuts: Array.from({ length: 1 + random.int(4) }, () => random.int(600)) } : act
}
