/** What is said between the start-up packet and the token: which version of the protocol counts, and the question for the token. */
import type { Duplex } from 'node:stream'
import { decodeFrontend, encodeBackend, frontendType, ProtocolViolation, type StartupPacket } from '../wire/index.ts'
import type { Deadline } from './deadline.ts'
import type { Inbox } from './inbox.ts'
import { Refusal } from './reasons.ts'

type Startup = StartupPacket & { readonly kind: 'startup' }

export interface Versions {
  /** Throws for one that is not spoken here. */
  check(startup: Startup): void
  /** What the client is told; null when it gets what it asked for. */
  answer(startup: Startup, unknownOptions: readonly string[]): Buffer | null
}

/** The newest version a client may speak is 3.2: it differs in that cancel keys may be long. */
const newestMinor = 2

export const versions: Versions = {
  check({ major }) {
    if (major !== 3) throw new ProtocolViolation('bad-value', 'the client speaks another major version of the protocol')
  },
  /** Who can do more than we, or has options we do not know, is told the version that counts: the whole of it, not the minor number. */
  answer({ minor }, unknownOptions) {
    if (minor <= newestMinor && unknownOptions.length === 0) return null
    const version = 0x3_0000 + Math.min(minor, newestMinor)
    return encodeBackend({ kind: 'negotiate-protocol', version, options: unknownOptions })
  },
}

/** Asks for the token and reads it. Throws a Refusal when something else comes. */
export async function askForToken(stream: Duplex, inbox: Inbox, deadline: Deadline): Promise<string> {
  stream.write(encodeBackend({ kind: 'authentication-cleartext' }))
  inbox.mode = 'typed'
  const token = await readPassword(inbox, deadline)
  if (token === '') throw new Refusal('no_password', { also: ['malformed_token'] })
  return token
}

async function readPassword(inbox: Inbox, deadline: Deadline): Promise<string> {
  const frame = await deadline.race(inbox.next()).catch((cause: unknown) => {
    throw cause instanceof ProtocolViolation && cause.reason === 'too-large' ? new Refusal('token_too_large') : cause
  })
  if (frame === null || frame.type === frontendType.terminate) throw new Refusal('no_password', { silent: true })
  if (frame.type !== frontendType.password) throw new Refusal('protocol_violation', { detail: 'another message than the password' })
  const message = decodeFrontend(frame, 'password')
  return message.kind === 'password' ? message.password : ''
}
