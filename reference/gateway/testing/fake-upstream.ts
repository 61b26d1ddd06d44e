/** A server that logs clients in by SCRAM as a pooler does, and then does what a test tells it to. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import {
  decodeFrontend,
  decodeStartup,
  encodeBackend,
  Framer,
  parametersOf,
  scramMechanism,
  scramServer,
  scramVerifier,
  type BackendMessage,
  type PasswordStage,
} from '../../wire/index.ts'

export const upstreamPassword = 'pooled-secret'
const verifier = scramVerifier(upstreamPassword, { iterations: 64 })

export interface Visitor {
  readonly socket: Socket
  readonly parameters: ReadonlyMap<string, string>
  readonly send: (...messages: BackendMessage[]) => void
  /** Waits for the next message of the gateway; null when it is gone. */
  readonly next: () => Promise<Buffer | null>
  /** Everything received and not read as messages, and from now on. */
  readonly rest: () => Buffer
}

export interface FakeUpstream extends AsyncDisposable {
  readonly port: number
  /** Start-up parameters of all who came. */
  readonly seen: ReadonlyMap<string, string>[]
  /** Connections that were opened. */
  readonly opened: () => number
  /** Packets without start-up parameters (cancel requests). */
  readonly packets: Buffer[]
}

/** What the upstream greets with when all is well. */
export const usualGreeting: readonly BackendMessage[] = [
  { kind: 'parameter-status', name: 'server_version', value: '18.4' },
  { kind: 'notice-response', fields: new Map([['S', 'NOTICE'], ['C', '00000'], ['M', 'hello']]) }, // prettier-ignore
  { kind: 'backend-key-data', processId: 7, secret: Buffer.from('0102030405060708', 'hex') },
  { kind: 'ready-for-query', status: 'I' },
]

/** `serve` takes over after the start-up packet; by default it logs in, greets and echoes. With a path it listens there, and has no port. */
export async function startFakeUpstream(
  serve: (visitor: Visitor) => Promise<void> = greetAndEcho,
  path?: string,
  port = 0,
): Promise<FakeUpstream> {
  const seen: ReadonlyMap<string, string>[] = []
  const packets: Buffer[] = []
  const sockets = new Set<Socket>()
  let opened = 0
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    opened++
    sockets.add(socket)
    socket.on('error', () => {}).once('close', () => sockets.delete(socket))
    receive(socket, serve, seen, packets).catch(() => socket.destroy())
  })
  server.listen(path === undefined ? { port, host: '127.0.0.1' } : { path })
  await once(server, 'listening')
  return {
    port: path === undefined ? (server.address() as AddressInfo).port : 0,
    seen,
    packets,
    opened: () => opened,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

async function receive(
  socket: Socket,
  serve: (visitor: Visitor) => Promise<void>,
  seen: ReadonlyMap<string, string>[],
  packets: Buffer[],
): Promise<void> {
  const framer = new Framer({ mode: 'startup', maxBytes: 1_000_000 })
  let wake = () => {}
  let ended = false
  socket.on('data', (chunk) => (framer.push(chunk), wake()))
  socket.once('end', () => ((ended = true), wake()))
  const nextFrame = async (): Promise<Buffer | null> => {
    for (;;) {
      const frame = framer.next()
      if (frame !== null) return frame.type === 0 ? frame.body : frame.bytes
      if (ended) return null
      await new Promise<void>((resolve) => (wake = resolve))
    }
  }
  const body = await nextFrame()
  if (body === null) return void socket.end()
  const startup = decodeStartup(body)
  if (startup.kind !== 'startup') {
    packets.push(body)
    return void socket.end()
  }
  framer.mode = 'typed'
  seen.push(parametersOf(startup))
  const send = (...messages: BackendMessage[]) => void socket.write(Buffer.concat(messages.map(encodeBackend)))
  await serve({ socket, parameters: parametersOf(startup), send, next: nextFrame, rest: () => framer.rest() })
}

export async function logInVisitor({ send, next }: Visitor): Promise<void> {
  const scram = scramServer(verifier)
  send({ kind: 'authentication-sasl', mechanisms: [scramMechanism] })
  send({ kind: 'authentication-sasl-continue', data: scram.challenge(saslOf(await next(), 'sasl-initial')) })
  const final = scram.verify(saslOf(await next(), 'sasl-response'))
  if (final === null) throw new Error('the gateway does not know the password')
  send({ kind: 'authentication-sasl-final', data: final }, { kind: 'authentication-ok' })
}

export async function greetAndEcho(visitor: Visitor): Promise<void> {
  await logInVisitor(visitor)
  visitor.send(...usualGreeting)
  const { socket } = visitor
  socket.write(visitor.rest())
  socket.removeAllListeners('data')
  socket.pipe(socket)
}

function saslOf(bytes: Buffer | null, stage: PasswordStage): Buffer {
  if (bytes === null) throw new Error('the gateway went away')
  const message = decodeFrontend({ type: bytes[0] ?? 0, bytes, body: bytes.subarray(5), piece: 'whole' }, stage)
  return 'data' in message && message.data !== null ? message.data : Buffer.alloc(0)
}
