/** A gateway on free ports in front of a fake upstream, with its log kept, and a client that speaks raw messages to it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { decodeBackend, encodeFrontend, encodeStartup, Framer, type BackendMessage } from '../../wire/index.ts'
import type { Crew } from '../crew.ts'
import type { LoginRecord } from '../audit.ts'
import { startGateway, type Gateway } from '../gateway.ts'
import type { Pieces } from '../pieces.ts'
import { configSchema, type GatewayConfig } from '../config.ts'
import { makeCertificate } from './certificate.ts'
import { startFakeUpstream, upstreamPassword, type FakeUpstream, type Visitor } from './fake-upstream.ts'
import { audience, issuerName, key } from './issuer.ts'

export interface Stage extends AsyncDisposable {
  readonly gateway: Gateway
  readonly config: GatewayConfig
  readonly upstream: FakeUpstream
  readonly lines: { readonly level: string; readonly record: Readonly<Record<string, unknown>> }[]
  /** The audit records so far. */
  logins(): LoginRecord[]
  plain(): Client
  secure(more?: Knock): Promise<Client>
  /** TLS without asking; rejects when the handshake fails. */
  direct(alpn?: readonly string[]): Promise<Client>
  /** Over TLS up to and including the answer to the token. */
  logIn(token: string, parameters?: Readonly<Record<string, string>>, more?: Knock): Promise<Client>
}

/** What is special about a connection. */
export interface Knock {
  /** Sent ahead of all. */
  readonly ahead?: Buffer
  /** Certificate of the client, PEM. */
  readonly cert?: string
  readonly key?: string
  /** By this host name. */
  readonly servername?: string
}

export interface StageWish {
  readonly serve?: (visitor: Visitor) => Promise<void>
  /** The upstream listens on a Unix socket. */
  readonly socket?: true
  readonly pieces?: Partial<Pieces>
  readonly crew?: Crew
  readonly change?: (config: GatewayConfig) => GatewayConfig
}

const certificate = makeCertificate()
export const claimsKey = Buffer.alloc(32, 7)

export async function raiseStage(wish: StageWish = {}): Promise<Stage> {
  const dir = mkdtempSync(join(tmpdir(), 'gateway-test-'))
  const socket = wish.socket === true ? join(dir, 'pooler') : null
  const upstream = await startFakeUpstream(wish.serve, socket ?? undefined)
  const lines: { level: string; record: Record<string, unknown> }[] = []
  const config = (wish.change ?? ((same) => same))(
    makeConfig(dir, socket === null ? { host: '127.0.0.1', port: upstream.port } : { socket }),
  )
  const gateway = await startGateway(config, wish.pieces, {
    ...(wish.crew && { crew: wish.crew }),
    write: (level, record) => lines.push({ level, record: { ...record } }),
  })
  const openTls = (more?: Knock) => openSecure(gateway.port, more)
  return {
    gateway,
    config,
    upstream,
    lines,
    secure: openTls,
    direct: async (alpn = ['postgresql']) => clientOn(await secure(dial(gateway.port), alpn)),
    logins: () => lines.map(({ record }) => record as unknown as LoginRecord).filter(({ event }) => event === 'login'),
    plain: () => clientOn(dial(gateway.port)),
    logIn: async (token, parameters, more) => logInOver(await openTls(more), token, parameters),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]()
      await upstream[Symbol.asyncDispose]()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

export function makeConfig(dir: string, upstream: { host: string; port: number } | { socket: string }): GatewayConfig {
  const file = (name: string, text: string): string => (writeFileSync(join(dir, name), text), join(dir, name))
  return configSchema.parse({
    listen: { host: '127.0.0.1', port: 0 },
    operations: { host: '127.0.0.1', port: 0 },
    tls: { cert: file('gateway.crt', certificate.cert), key: file('gateway.key', certificate.key) },
    upstream: { ...upstream, database: 'orochi_0' },
    roles: [{ name: 'tenant_user', user: 'orochi_app', password: upstreamPassword }],
    databases: ['orochi'],
    issuers: [{ issuer: issuerName, audience, keys: [{ id: 'k1', algorithm: 'RS256', publicKey: file('k1.pem', key.publicPem) }] }],
    claims: { keyId: 'c1', key: claimsKey.toString('base64'), cluster: 'local' },
    limits: { startupTimeoutMs: 2000, upstreamTimeoutMs: 2000 },
  })
}

export interface Client {
  readonly stream: Duplex
  /** Messages until the connection closes or one of this kind came. */
  until(kind: BackendMessage['kind'] | 'closed'): Promise<BackendMessage[]>
  /** All messages so far. */
  readonly heard: readonly BackendMessage[]
  /** So many raw bytes (fewer at the end). */
  bytes(count: number): Promise<Buffer>
  /** SQLSTATE of the error the connection ended with; 'silence' when there was none. */
  refusal(): Promise<string>
}

export function startupPacket(parameters: Readonly<Record<string, string>> = {}, minor = 0): Buffer {
  const all = { user: 'tenant_user', database: 'orochi', ...parameters }
  return encodeStartup({ kind: 'startup', major: 3, minor, parameters: Object.entries(all) })
}

export const passwordMessage = (password: string): Buffer => encodeFrontend({ kind: 'password', password })

export async function logInOver(client: Client, token: string, parameters?: Readonly<Record<string, string>>): Promise<Client> {
  client.stream.write(startupPacket(parameters))
  const [asked] = await client.until('authentication-cleartext')
  if (asked?.kind === 'authentication-cleartext') client.stream.write(passwordMessage(token))
  return client
}

function dial(port: number): Socket {
  return connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true })
}

export async function openSecure(port: number, { ahead, ...own }: Knock = {}): Promise<Client> {
  const socket = dial(port)
  if (ahead !== undefined) socket.write(ahead)
  socket.write(encodeStartup({ kind: 'ssl-request' }))
  await new Promise<void>((resolve, reject) =>
    socket
      .on('error', reject)
      .once('readable', () => (socket.read(1) === null ? reject(new Error('closed, without an answer')) : resolve())),
  )
  return clientOn(await secure(socket, [], own))
}

function secure(socket: Socket, alpn: readonly string[] = [], { servername, ...own }: Omit<Knock, 'ahead'> = {}): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const name = servername === undefined ? {} : { servername, checkServerIdentity: () => undefined }
    const options = { socket, ca: certificate.cert, host: '127.0.0.1', ALPNProtocols: [...alpn], ...own, ...name }
    const stream = connectTls(options, () => resolve(stream))
    stream.once('error', reject)
  })
}

export function clientOn(stream: Duplex): Client {
  const framer = new Framer({ mode: 'typed', maxBytes: 10_000_000 })
  let closed = false
  let wake = () => {}
  const changed = () => new Promise<void>((resolve) => (wake = resolve))
  stream.on('data', (chunk: Buffer) => (framer.push(chunk), wake()))
  stream.on('error', () => {}).once('end', () => ((closed = true), wake())).once('close', () => ((closed = true), wake())) // prettier-ignore
  const last: BackendMessage[] = []

  async function until(kind: BackendMessage['kind'] | 'closed'): Promise<BackendMessage[]> {
    const messages: BackendMessage[] = []
    for (;;) {
      const frame = framer.next()
      if (frame === null && closed) return messages
      if (frame === null) await changed()
      else messages.push(decodeBackend(frame))
      if (frame !== null) last.push(messages.at(-1)!)
      if (messages.at(-1)?.kind === kind) return messages
    }
  }

  return {
    stream,
    heard: last,
    until,
    async bytes(count) {
      while (framer.pending < count && !closed) await changed()
      return framer.rest()
    },
    async refusal() {
      await until('closed')
      const error = last.find((message) => message.kind === 'error-response')
      return error?.kind === 'error-response' ? (error.fields.get('C') ?? 'none') : 'silence'
    },
  }
}
