/** The first words with a client: encryption refused, cancel requests told apart, start-up parameters read, password checked by SCRAM. */
import type { Socket } from 'node:net'
import {
  decodeFrontend,
  decodeStartup,
  encodeBackend,
  encryptionAnswer,
  frontendType,
  parametersOf,
  ProtocolViolation,
  scramMechanism,
  scramServer,
  type PasswordStage,
  type ScramVerifier,
  type StartupPacket,
} from '../../wire/index.ts'
import type { Conversation } from '../conversation.ts'
import { Refused } from '../refused.ts'
import type { Parameters } from '../sql/parameters.ts'
import type { CancelKey } from './keys.ts'
import { readOptions } from './options.ts'

export interface Opening {
  readonly user: string
  readonly database: string
  /** All other parameters, names in lower case, in the order Postgres applies them. */
  readonly parameters: Parameters
  readonly minor: number
}

const newestMinor = 2
const newestVersion = 0x3_0000 + newestMinor

/** Reads up to the start-up message; a CancelRequest instead of it is given back as it is. Throws a Refused or a ProtocolViolation. */
export async function readOpening(socket: Socket, conversation: Conversation): Promise<Opening | CancelKey> {
  const asked = new Set<string>()
  for (;;) {
    const packet = decodeStartup((await conversation.next()).body)
    if (packet.kind === 'cancel-request') return packet
    if (packet.kind === 'startup') return openingOf(socket, packet)
    // Asked once more, or with something behind it that was meant to be encrypted: nobody honest does that.
    if (asked.has(packet.kind) || conversation.framer.pending > 0)
      throw new ProtocolViolation('bad-value', 'an encryption request came at the wrong time')
    asked.add(packet.kind)
    socket.write(encryptionAnswer.no)
  }
}

function openingOf(socket: Socket, packet: StartupPacket & { kind: 'startup' }): Opening {
  if (packet.major !== 3)
    throw new Refused(
      'FATAL',
      '0A000',
      `unsupported frontend protocol ${packet.major}.${packet.minor}: the router supports 3.0 to 3.${newestMinor}`,
    )
  const given = parametersOf(packet)
  negotiate(socket, packet.minor, [...given.keys()])
  const user = given.get('user')
  if (!user) throw new Refused('FATAL', '28000', 'no PostgreSQL user name specified in startup packet')
  refuseReplication(given.get('replication'))
  return { user, database: given.get('database') || user, parameters: sessionParameters(given), minor: Math.min(packet.minor, newestMinor) }
}

/** What we do not know is named, as Postgres does; the client decides whether it goes on. */
function negotiate(socket: Socket, minor: number, names: readonly string[]): void {
  const options = names.filter((name) => name.startsWith('_pq_.'))
  if (minor > newestMinor || options.length > 0)
    socket.write(encodeBackend({ kind: 'negotiate-protocol', version: newestVersion, options }))
}

function refuseReplication(value: string | undefined): void {
  if (value === undefined || /^(?:off|false|no|0|f|n)$/i.test(value)) return
  throw new Refused('FATAL', '0A000', 'replication connections cannot be pooled')
}

const ownNames: ReadonlySet<string> = new Set(['user', 'database', 'replication', 'options'])
const parameterName = /^[a-z_\x80-\uffff][a-z0-9_$\x80-\uffff]*(?:\.[a-z_\x80-\uffff][a-z0-9_$\x80-\uffff]*)*$/i

function sessionParameters(given: ReadonlyMap<string, string>): Parameters {
  const fromOptions = readOptions(given.get('options') ?? '')
  if (!fromOptions) throw new Refused('FATAL', '0A000', 'only settings of parameters (-c name=value) are supported in options')
  const direct = [...given].filter(([name]) => !ownNames.has(name) && !name.startsWith('_pq_.'))
  const all = [...fromOptions, ...direct]
  const unfit = all.find(([name]) => !parameterName.test(name))
  if (unfit) throw new Refused('FATAL', '42602', `invalid configuration parameter name "${unfit[0]}"`)
  return new Map(all.map(([name, value]) => [name.toLowerCase(), value]))
}

/** Settles when the client has proved its password. Throws a Refused (28P01) or a ProtocolViolation. */
export async function authenticate(socket: Socket, conversation: Conversation, user: string, verifier: ScramVerifier): Promise<void> {
  const server = scramServer(verifier)
  socket.write(encodeBackend({ kind: 'authentication-sasl', mechanisms: [scramMechanism] }))
  const first = await readSasl(conversation, 'sasl-initial')
  socket.write(encodeBackend({ kind: 'authentication-sasl-continue', data: server.challenge(first) }))
  const final = server.verify(await readSasl(conversation, 'sasl-response'))
  if (!final) throw new Refused('FATAL', '28P01', `password authentication failed for user "${user}"`)
  socket.write(encodeBackend({ kind: 'authentication-sasl-final', data: final }))
}

async function readSasl(conversation: Conversation, stage: PasswordStage): Promise<Buffer> {
  const frame = await conversation.next()
  if (frame.type !== frontendType.password) throw new ProtocolViolation('bad-value', 'a password message was expected')
  const message = decodeFrontend(frame, stage)
  if (message.kind === 'sasl-response') return message.data
  if (message.kind === 'sasl-initial' && message.mechanism === scramMechanism && message.data) return message.data
  throw new ProtocolViolation('bad-value', 'the client chose a SASL mechanism that was not offered, or sent no data')
}
