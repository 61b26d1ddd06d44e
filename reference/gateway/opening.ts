/** How a connection opens: requests for encryption, a cancel request, or a start-up packet. */
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket, type SecureContext } from 'node:tls'
import { decodeStartup, encryptionAnswer, ProtocolViolation, type StartupPacket } from '../wire/index.ts'
import type { CancelKey } from './cancel/desk.ts'
import type { Deadline } from './deadline.ts'
import { Inbox } from './inbox.ts'
import { peekByte } from './peek.ts'
import { Refusal } from './reasons.ts'
import { applicationProtocol, endTls } from './tls.ts'

export type Opening =
  | {
      readonly kind: 'startup'
      readonly stream: Duplex
      readonly inbox: Inbox
      readonly startup: StartupPacket & { readonly kind: 'startup' }
    }
  | { readonly kind: 'cancel'; readonly key: CancelKey }
  /** Came and went without a login: a probe of the port, a failed handshake. */
  | { readonly kind: 'nothing' }

export interface OpeningTerms {
  /** Null: TLS is not offered. */
  readonly secureContext: SecureContext | null
  readonly demandsAlpn: boolean
  readonly checkVersion: (startup: StartupPacket & { readonly kind: 'startup' }) => void
  /** Whether clients are asked for a certificate. */
  readonly asksCertificate: boolean
  readonly maxMessageBytes: number
  readonly deadline: Deadline
  /** Told of each stream the connection becomes, so that answers go to the right one. */
  readonly becomes: (stream: Duplex, handshakeMs: number) => void
  /** Throws when too many handshakes go on. */
  readonly beginHandshake: () => Disposable | Promise<Disposable>
}

/** What a TLS record of a handshake begins with; no start-up packet is so long. */
const handshakeByte = 0x16

const cancelCode = 80_877_102

type Answered = { readonly ssl: boolean; readonly gss: boolean }

/** Throws a Refusal (or a ProtocolViolation) when the client breaks the protocol or takes too long. */
export async function readOpening(socket: Socket, terms: OpeningTerms): Promise<Opening> {
  const first = await terms.deadline.race(peekByte(socket))
  if (first === null) return { kind: 'nothing' }
  if (first === handshakeByte && terms.secureContext !== null) return await readDirect(socket, terms, terms.secureContext)
  return await readNext(socket, socket, open(socket, terms), terms, { ssl: false, gss: false })
}

/** TLS without asking is for those who say by ALPN that they mean this protocol: bytes made for another one cannot end up here. */
async function readDirect(socket: Socket, terms: OpeningTerms, context: SecureContext): Promise<Opening> {
  const secured = await handshake(socket, terms, context)
  if (secured === null) return { kind: 'nothing' }
  if (secured.alpnProtocol === applicationProtocol || !terms.demandsAlpn) return await readWithin(socket, secured, terms)
  throw new Refusal('protocol_violation', { detail: 'TLS at once, without ALPN', silent: true })
}

async function readNext(socket: Socket, stream: Duplex, inbox: Inbox, terms: OpeningTerms, answered: Answered): Promise<Opening> {
  const frame = await terms.deadline.race(inbox.next())
  if (frame === null) return { kind: 'nothing' }
  const packet = readPacket(frame.body)
  if (packet.kind === 'startup') {
    terms.checkVersion(packet)
    return { kind: 'startup', stream, inbox, startup: packet }
  }
  if (packet.kind === 'cancel-request') return { kind: 'cancel', key: { processId: packet.processId, secret: Buffer.from(packet.secret) } }
  const asked = packet.kind === 'gss-request' ? 'gss' : 'ssl'
  checkRequest(asked, answered, stream, inbox)
  if (asked === 'gss' || terms.secureContext === null) {
    stream.write(encryptionAnswer.no)
    return readNext(socket, stream, inbox, terms, { ...answered, [asked]: true })
  }
  return await readEncrypted(socket, inbox, terms, terms.secureContext)
}

async function readEncrypted(socket: Socket, inbox: Inbox, terms: OpeningTerms, context: SecureContext): Promise<Opening> {
  inbox.release()
  socket.write(encryptionAnswer.yes)
  const secured = await handshake(socket, terms, context)
  return secured === null ? { kind: 'nothing' } : await readWithin(socket, secured, terms)
}

async function handshake(socket: Socket, terms: OpeningTerms, context: SecureContext): Promise<TLSSocket | null> {
  using _counted = await terms.beginHandshake()
  const began = performance.now()
  const secured = await terms.deadline.race(endTls(socket, context, terms.asksCertificate)).catch(withoutWords)
  if (secured !== null) terms.becomes(secured, performance.now() - began)
  return secured
}

async function readWithin(socket: Socket, secured: TLSSocket, terms: OpeningTerms): Promise<Opening> {
  return await readNext(socket, secured, open(secured, terms), terms, { ssl: true, gss: true })
}

/** In the middle of a handshake there is no way to say anything. */
function withoutWords(cause: unknown): never {
  throw cause instanceof Refusal ? new Refusal(cause.reason, { detail: 'within the TLS handshake', silent: true }) : cause
}

/** Each kind once, none within TLS, and nothing may follow before it is answered: such bytes would pass for encrypted ones (CVE-2021-23214). */
function checkRequest(asked: 'ssl' | 'gss', answered: Answered, stream: Duplex, inbox: Inbox): void {
  if (answered[asked] || stream instanceof TLSSocket) throw new ProtocolViolation('bad-value', 'encryption was asked for twice')
  if (inbox.pending > 0) throw new Refusal('protocol_violation', { detail: 'bytes behind a request for encryption', silent: true })
}

function open(stream: Duplex, { maxMessageBytes }: OpeningTerms): Inbox {
  return new Inbox(stream, { mode: 'startup', maxBytes: maxMessageBytes })
}

/** A cancel request is never answered, one that is none neither. */
function readPacket(body: Buffer): StartupPacket {
  try {
    return decodeStartup(body)
  } catch (cause) {
    if (!(cause instanceof ProtocolViolation) || body.length < 4 || body.readUInt32BE() !== cancelCode) throw cause
    throw new Refusal('protocol_violation', { detail: cause.message, silent: true })
  }
}
