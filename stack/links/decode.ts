/** A tolerant look at Postgres traffic for the ring of recent messages: types and short texts only, secrets blanked. */

export interface Seen {
  readonly type: string
  readonly bytes: number
  readonly text: string
}

/** How much of a message's text is kept. */
const textLimit = 200
/** A length beyond this is taken for noise: the stream is no longer followed. */
const largest = 0x3fff_ffff

export type Decoder = (chunk: Buffer) => Seen[]

const startupCodes: Readonly<Record<number, string>> = { 80877103: 'SSLRequest', 80877104: 'GSSENCRequest', 80877102: 'CancelRequest' }

/** Follows one direction of one connection. The client's side begins with packets that have no type letter. */
export function followMessages(direction: 'to-server' | 'to-client'): Decoder {
  let pending = Buffer.alloc(0)
  let skip = 0
  let starting = direction === 'to-server'
  let lost = false
  let unanswered = true
  return (chunk) => {
    const seen: Seen[] = []
    if (lost) return seen
    if (direction === 'to-client' && unanswered && chunk.length === 1)
      return [{ type: chunk.toString(), bytes: 1, text: 'answer to SSLRequest' }]
    unanswered = false
    const skipped = Math.min(skip, chunk.length)
    skip -= skipped
    pending = Buffer.concat([pending, chunk.subarray(skipped)])
    for (;;) {
      const head = starting ? 4 : 5
      if (pending.length < head) return seen
      const length = pending.readInt32BE(head - 4)
      if (length < 4 || length > largest) {
        lost = true
        return seen
      }
      const total = head - 4 + length
      const [type, body] = [starting ? startupName(pending) : String.fromCharCode(pending[0]!), pending.subarray(head, total)]
      if (type === null) return seen
      if (pending.length < total && pending.length < head + textLimit) return seen
      seen.push({ type, bytes: total, text: describe(type, body) })
      if (type === 'StartupMessage') starting = false
      skip = Math.max(0, total - pending.length)
      pending = pending.subarray(Math.min(total, pending.length))
    }
  }
}

function startupName(pending: Buffer): string | null {
  return pending.length < 8 ? null : (startupCodes[pending.readInt32BE(4)] ?? 'StartupMessage')
}

/** Messages whose content may hold a secret are kept without it. */
function describe(type: string, body: Buffer): string {
  if (type === 'p' || type === 'R' || type === 'K' || type === 'CancelRequest') return ''
  return blank(printable(body.subarray(0, textLimit)))
}

function printable(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim()
}

/** Whatever looks like a token, a signed value or a password is cut out. */
export function blank(text: string): string {
  return text
    .replaceAll(/eyJ[\w-]*(?:\.[\w-]*)*/g, '<token>')
    .replaceAll(/\{"p":".*/g, '<claims>')
    .replaceAll(/(password\s*[= ]\s*)('[^']*'|\S+)/gi, '$1<password>')
    .replaceAll(/SCRAM-SHA-256\S*/g, '<scram>')
}
