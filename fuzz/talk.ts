/** Reads what a client heard of the gateway or router as a conversation, and says what is wrong with it. */
import { complainOfError, readMessage, type Piece } from './strict.ts'

export interface Talk {
  /** It was let in. */
  readonly loggedIn: boolean
  /** SQLSTATE of the ErrorResponse that ended the log-in. */
  readonly refused: string | null
  /** Where the words of the other side begin: behind AuthenticationOk. */
  readonly greetingAt: number
  readonly complaints: readonly string[]
}

/** `whole`: the connection is over, so that nothing may be half said. `through`: what comes after log-in is the upstream's, byte for byte. */
export function readTalk(bytes: Buffer, { whole, through }: { readonly whole: boolean; readonly through: boolean }): Talk {
  const complaints: string[] = []
  let at = skipAnswers(bytes)
  let refused: string | null = null
  while (at < bytes.length) {
    const piece = readMessage(bytes, at)
    if (piece === null && whole) complaints.push('the connection ended inside a message')
    if (typeof piece === 'string') complaints.push(piece)
    if (piece === null || typeof piece === 'string') break
    if (refused !== null) complaints.push(`message ${piece.letter} after the refusal`)
    complaints.push(...complainOf(piece))
    if (piece.letter === 'E') refused = piece.body.toString('latin1').match(/\0C([^\0]*)/)?.[1] ?? ''
    at = piece.end
    if (piece.letter === 'R' && piece.body.length >= 4 && piece.body.readUInt32BE(0) === 0)
      return {
        loggedIn: true,
        refused: null,
        greetingAt: at,
        complaints: through ? complaints : [...complaints, ...complainOfAll(bytes, at, whole)],
      }
  }
  return { loggedIn: false, refused, greetingAt: bytes.length, complaints }
}

/** Requests for encryption are answered by a letter alone: it is followed by another answer, a message of its own kind, or nothing. */
function skipAnswers(bytes: Buffer): number {
  let at = 0
  while (at < bytes.length && 'NS'.includes(String.fromCharCode(bytes[at]!)) && (at + 1 === bytes.length || bytes[at + 1] !== 0)) at++
  return at
}

function complainOf({ letter, body }: Piece): string[] {
  if (letter === 'E') return [complainOfError(body)].filter((text) => text !== null)
  if (letter === 'R') return body.length >= 4 ? [] : ['an authentication request without a code']
  return 'vNSKZ'.includes(letter) ? [] : [`message ${letter} before the log-in was over`]
}

/** After log-in a router speaks for itself, so every message is read. */
function complainOfAll(bytes: Buffer, from: number, whole: boolean): string[] {
  for (let at = from; at < bytes.length;) {
    const piece = readMessage(bytes, at)
    if (piece === null) return whole ? ['the connection ended inside a message'] : []
    if (typeof piece === 'string') return [piece]
    if (piece.letter === 'E') {
      const complaint = complainOfError(piece.body)
      if (complaint !== null) return [complaint]
    }
    at = piece.end
  }
  return []
}
