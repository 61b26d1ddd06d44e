/** A client for tests that speaks the protocol by hand, so that each message is the test's own. */
import { connect } from 'node:net'
import {
  decodeBackend,
  encodeFrontend,
  encodeStartup,
  Framer,
  scramClient,
  scramMechanism,
  type BackendMessage,
  type FrontendMessage,
} from '../../wire/index.ts'
import { converse } from '../conversation.ts'
import { fakePassword } from './fake-server.ts'

export interface FakeClient extends Disposable {
  readonly reports: ReadonlyMap<string, string>
  readonly processId: number
  readonly secret: Buffer
  send(...messages: FrontendMessage[]): void
  next(): Promise<BackendMessage>
  /** Everything up to `ready` times ReadyForQuery, in short: kind, or value, tag, SQLSTATE, status. */
  answers(ready?: number): Promise<string[]>
  query(text: string): Promise<string[]>
  /** Vanishes without a word. */
  [Symbol.dispose](): void
}

export interface LogInOptions {
  readonly port: number
  readonly password?: string
  readonly parameters?: readonly (readonly [string, string])[]
  readonly minor?: number
}

/** Rejects with an Error whose message is `SQLSTATE text` when it is refused. */
export async function logIn({ port, password = fakePassword, parameters = [], minor = 0 }: LogInOptions): Promise<FakeClient> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  const conversation = converse(socket, new Framer({ mode: 'typed', maxBytes: 1_000_000 }))
  const next = async (): Promise<BackendMessage> => decodeBackend(await conversation.next())
  const send = (...messages: FrontendMessage[]): void => void socket.write(Buffer.concat(messages.map(encodeFrontend)))
  const startup = [['user', 'app'], ['database', 'orochi'], ...parameters] as const
  socket.write(encodeStartup({ kind: 'startup', major: 3, minor, parameters: startup as unknown as [string, string][] }))
  const scram = scramClient({ password })
  const reports = new Map<string, string>()
  let key: { readonly processId: number; readonly secret: Buffer } = { processId: 0, secret: Buffer.alloc(0) }
  for (let m = await next(); m.kind !== 'ready-for-query'; m = await next()) {
    if (m.kind === 'authentication-sasl') send({ kind: 'sasl-initial', mechanism: scramMechanism, data: scram.first() })
    else if (m.kind === 'authentication-sasl-continue') send({ kind: 'sasl-response', data: await scram.proof(m.data) })
    else if (m.kind === 'authentication-sasl-final') scram.finish(m.data)
    else if (m.kind === 'parameter-status') reports.set(m.name, m.value)
    else if (m.kind === 'backend-key-data') key = m
    else if (m.kind === 'error-response') throw new Error(`${m.fields.get('C')} ${m.fields.get('M')}`)
  }
  const answers = async (ready = 1): Promise<string[]> => {
    const heard: string[] = []
    for (let left = ready; left > 0;) {
      const m = await next()
      heard.push(inShort(m))
      if (m.kind === 'ready-for-query') left--
    }
    return heard
  }
  const query = (text: string): Promise<string[]> => {
    send({ kind: 'query', text })
    return answers()
  }
  return {
    reports,
    processId: key.processId,
    secret: key.secret,
    send,
    next,
    answers,
    query,
    [Symbol.dispose]: () => void socket.destroy(),
  }
}

function inShort(m: BackendMessage): string {
  if (m.kind === 'error-response') return m.fields.get('C') ?? ''
  if (m.kind === 'ready-for-query') return m.status
  if (m.kind === 'command-complete') return m.tag
  if (m.kind === 'data-row') return m.values.map((value) => value?.toString() ?? 'null').join()
  return m.kind
}

/** Asks to cancel, and waits until the other side has hung up. */
export function askToCancel(port: number, processId: number, secret: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('error', () => {}).on('close', () => resolve())
    socket.resume().write(encodeStartup({ kind: 'cancel-request', processId, secret }))
  })
}
