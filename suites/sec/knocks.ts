/** What the raw-byte client says at the door, and what came back: for proofs about the protocol before a login. */
import { answered, decode, encode, openProbe, openTlsProbe, ProbeError, type Message, type Probe } from '../../fixtures/probe.ts'
import type { Stack } from '../../stack/stack.ts'

const patienceMs = 5_000

export const startupOf = ({ door }: Stack, more: Readonly<Record<string, string>> = {}, version?: number): Buffer =>
  encode.startup({ user: 'tenant_user', database: door.database, ...more }, version)

export const plain = ({ door }: Stack): Promise<Probe> => answered(openProbe(door), 'a connection')
export const secured = ({ door }: Stack): Promise<Probe> =>
  answered(openTlsProbe(door, { ca: door.ca, servername: door.servername }), 'TLS')

/** Connections that reached the pooler so far. */
export const reachedOf = (stack: Stack): number => stack.link('pooler-0').counters.opened

/** Everything that comes until the peer ends the connection, letter by letter; ends with `…` when it does not end it. */
export async function restOf(probe: Probe, limitMs = patienceMs): Promise<string> {
  let got = ''
  for (;;) {
    const next = await probe.readBytes(1, limitMs).catch((error: unknown) => endOf(error))
    if (typeof next === 'string') return got + next
    got += next.toString('latin1')
  }
}

function endOf(error: unknown): string {
  if (error instanceof ProbeError) return error.code === 'silent' ? '…' : ''
  throw error
}

/** The messages until the peer ends the connection, in short: `E 08P01`, `R cleartext`; `…` when it does not end it. */
export async function wordsOf(probe: Probe, limitMs = patienceMs): Promise<string> {
  const words: string[] = []
  for (;;) {
    const next = await probe.read(limitMs).catch((error: unknown) => endOf(error))
    if (typeof next === 'string') return [...words, ...(next === '' ? [] : [next])].join(', ')
    words.push(wordOf(next))
  }
}

function wordOf(message: Message): string {
  return message.type === 'E' ? `E ${decode.errorOf(message).sqlstate}` : message.type
}
