/** The invariants of one trial on the gateway: what its client heard, what its upstream heard, and whether the two fit. */
import type { Complaint } from './arena.ts'
import type { Line } from './line.ts'
import { upstreamPassword } from './material.ts'
import type { Act, Script } from './script.ts'
import { readMessage } from './strict.ts'
import { readTalk, type Talk } from './talk.ts'
import type { Meeting } from './upstream.ts'

export interface Evidence {
  readonly line: Line
  readonly script: Script
  readonly meetings: readonly Meeting[]
  /** The gateway kept the connection beyond every deadline. */
  readonly held: boolean
  /** What the client before this one said: some of it may arrive at the upstream only now. */
  readonly before: Buffer
}

export function judgeClient(evidence: Evidence): readonly Complaint[] {
  const { line, script, held } = evidence
  const talk = talkOf(evidence)
  const clear = readTalk(plainPart(line), { whole: false, through: true })
  const hadToken = script.acts.some((act) => isGoodToken(act))
  return [
    ...common(evidence, talk),
    ...(held ? ['a slot is held past its deadline'] : []),
    ...(talk.loggedIn && !hadToken ? ['a client was let in without a good token'] : []),
    ...(clear.loggedIn || (line.plainBytes < 0 && asksForPassword(line.heard)) ? ['a token was asked for in the clear'] : []),
    ...evidence.meetings.flatMap((meeting) => foreignWords(meeting, line.said, evidence.before)),
  ]
}

export function judgeBackend(evidence: Evidence): readonly Complaint[] {
  const { meetings, held } = evidence
  const talk = talkOf(evidence)
  const proved = meetings.some(({ proof, line }) => proof !== null && line.said.includes(proof))
  return [
    ...common(evidence, talk),
    ...(held ? ['a slot is held past its deadline by a slow upstream'] : []),
    ...(talk.loggedIn && !proved ? ['a client was let in by an upstream that did not know the password'] : []),
    ...meetings.flatMap(({ line, startupBytes }) => brokenWords(line.heard, startupBytes)),
  ]
}

function talkOf({ line }: Evidence): Talk {
  const heard = line.heard.subarray(Math.max(0, line.plainBytes))
  return readTalk(heard, { whole: !line.cut && line.ended, through: true })
}

const plainPart = (line: Line): Buffer => (line.plainBytes < 0 ? line.heard : line.heard.subarray(0, line.plainBytes))

function isGoodToken(act: Act): boolean {
  return act.act === 'say' && act.message.name === 'token' && act.message['token'] === 'good'
}

function asksForPassword(heard: Buffer): boolean {
  return heard.includes(Buffer.from('R\0\0\0\u0008\0\0\0\u0003', 'latin1'))
}

/** The greeting and all that follows comes from the upstream unaltered, but for the cancel key, which is the gateway's own. */
function common({ line, meetings }: Evidence, talk: Talk): Complaint[] {
  const heard = line.heard.subarray(Math.max(0, line.plainBytes)).subarray(talk.greetingAt)
  const altered =
    talk.loggedIn &&
    heard.length < 4_000_000 &&
    !meetings.some((meeting) => aroundTheKey(heard).every((part) => meeting.line.said.includes(part)))
  const told = meetings.some((meeting) => meeting.line.heard.includes(upstreamPassword)) || line.heard.includes(upstreamPassword)
  return [
    ...talk.complaints,
    ...(altered ? ['what the client heard is not what the upstream said'] : []),
    ...(told ? ['the password of the upstream was told'] : []),
  ]
}

/** What stands before, between and behind the BackendKeyData of a greeting. */
function aroundTheKey(heard: Buffer): Buffer[] {
  const parts: Buffer[] = []
  let [from, at] = [0, 0]
  for (
    let piece = readMessage(heard, 0);
    piece !== null && typeof piece !== 'string' && piece.letter !== 'Z';
    piece = readMessage(heard, at)
  ) {
    if (piece.letter === 'K') {
      parts.push(heard.subarray(from, at))
      from = piece.end
    }
    at = piece.end
  }
  return [...parts, heard.subarray(from)]
}

/** After the gateway's own two messages the upstream hears the client, byte for byte. */
function foreignWords(meeting: Meeting, said: Buffer, before: Buffer): Complaint[] {
  let at = meeting.startupBytes
  for (let count = 0; count < 2; count++) {
    const piece = readMessage(meeting.line.heard, at)
    if (piece === null) return []
    if (typeof piece === 'string') return [`the upstream heard: ${piece}`]
    if (piece.letter !== 'p') return [`the upstream heard message ${piece.letter} while the gateway logged in`]
    at = piece.end
  }
  const passedOn = meeting.line.heard.subarray(at)
  return passedOn.length > 4_000_000 || said.includes(passedOn) || before.includes(passedOn)
    ? []
    : ['the upstream heard what the client never said']
}

/** Behind a hostile upstream the client is honest: whatever is heard there must be whole messages of a log-in, and the one query. */
function brokenWords(heard: Buffer, from: number): Complaint[] {
  for (let at = from; at < heard.length;) {
    const piece = readMessage(heard, at)
    if (piece === null) return ['the upstream heard half a message']
    if (typeof piece === 'string') return [`the upstream heard: ${piece}`]
    if (!'pQ'.includes(piece.letter)) return [`the upstream heard message ${piece.letter}`]
    at = piece.end
  }
  return []
}
