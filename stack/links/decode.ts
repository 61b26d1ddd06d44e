/** A tolerant look at Postgres traffic for the ring of recent messages: types and short texts only, secrets blanked. */
import { blank, blanked, isSecretParameter } from './blank.ts'

export interface Seen {
  readonly type: string
  readonly bytes: number
  readonly text: string
}

export type Direction = 'to-server' | 'to-client'
export type Decoder = (chunk: Buffer) => readonly Seen[]

/** How much of a message is looked at. */
const sampleBytes = 512
/** How much of its text is kept. */
const textLimit = 200
/** Lengths beyond these are taken for noise (TLS, say): the stream is no longer followed. */
const largest = 0x3fff_ffff
const largestStartup = 10_000

const startupNames: Readonly<Record<number, string>> = { 80877103: 'SSLRequest', 80877104: 'GSSENCRequest', 80877102: 'CancelRequest' }

interface Head {
  readonly type: string
  readonly total: number
  /** Where its body begins. */
  readonly at: number
}

/** Follows one direction of one connection. The client's side begins with packets that have no type letter. */
export function followMessages(direction: Direction): Decoder {
  let pending: Buffer = Buffer.alloc(0)
  let skip = 0
  let starting = direction === 'to-server'
  let fresh = direction === 'to-client'
  let lost = false

  /** The next message as far as it is here; null when more is needed to tell. */
  const next = (): Head | null => {
    const head = starting ? startupHead(pending) : typedHead(pending)
    if (head === 'noise') lost = true
    return head === 'noise' ? null : head
  }
  const take = ({ total }: Head) => {
    skip = Math.max(0, total - pending.length)
    pending = pending.subarray(Math.min(total, pending.length))
  }
  return (chunk) => {
    if (lost) return []
    if (fresh && chunk.length === 1) return [{ type: String.fromCharCode(chunk[0]!), bytes: 1, text: 'answer to an SSLRequest' }]
    fresh = false
    const passed = Math.min(skip, chunk.length)
    skip -= passed
    pending = pending.length === 0 ? chunk.subarray(passed) : Buffer.concat([pending, chunk.subarray(passed)])
    const seen: Seen[] = []
    for (let head = next(); head !== null; head = next()) {
      if (pending.length < Math.min(head.total, head.at + sampleBytes)) break
      const body = pending.subarray(head.at, Math.min(head.total, head.at + sampleBytes))
      seen.push({ type: head.type, bytes: head.total, text: describe(head.type, direction, body) })
      if (head.type === 'StartupMessage') starting = false
      take(head)
    }
    // A copy, or the few bytes left would keep the whole chunk in memory.
    pending = Buffer.from(pending)
    return seen
  }
}

function startupHead(pending: Buffer): Head | null | 'noise' {
  if (pending.length < 8) return null
  const total = pending.readInt32BE(0)
  if (total < 8 || total > largestStartup) return 'noise'
  return { type: startupNames[pending.readInt32BE(4)] ?? 'StartupMessage', total, at: 8 }
}

function typedHead(pending: Buffer): Head | null | 'noise' {
  if (pending.length < 5) return null
  const length = pending.readInt32BE(1)
  if (length < 4 || length > largest) return 'noise'
  return { type: String.fromCharCode(pending[0]!), total: length + 1, at: 5 }
}

/** Types whose text is worth keeping; parameters, rows, copied data, passwords and keys never are. */
const telling: Readonly<Record<Direction, string>> = { 'to-server': 'QPDECS', 'to-client': 'CENZS' }

function describe(type: string, direction: Direction, body: Buffer): string {
  if (type === 'StartupMessage') return describeStartup(body)
  if (type.length > 1 || !telling[direction].includes(type)) return ''
  if (type === 'E' && direction === 'to-client') return describeError(body)
  return shorten(printable(body))
}

function describeStartup(body: Buffer): string {
  const words = body.toString('latin1').split('\0')
  const pairs = words.flatMap((name, i) => (i % 2 === 0 && name !== '' ? [[name, words[i + 1] ?? ''] as const] : []))
  return pairs.map(([name, value]) => `${printableText(name)}=${isSecretParameter(name) ? blanked : shorten(value)}`).join(' ')
}

/** Severity, SQLSTATE and message. */
function describeError(body: Buffer): string {
  const fields = body.toString('latin1').split('\0')
  const field = (letter: string) => fields.find((text) => text.startsWith(letter))?.slice(1) ?? ''
  return shorten(`${field('V')} ${field('C')} ${field('M')}`)
}

/** Blanked before it is cut, so that no half of a secret stays. */
function shorten(text: string): string {
  return blank(printableText(text)).slice(0, textLimit)
}

function printable(bytes: Buffer): string {
  return printableText(bytes.toString('latin1'))
}

function printableText(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]+/g, ' ').trim()
}
