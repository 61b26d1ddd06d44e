/** The gateway as a stranger meets it: attempts to log in, and what its audit log and its counters say about them. */
import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectionOptions } from 'node:tls'
import pg from 'pg'
import type { Address } from '../../stack/launch.ts'
import type { Stack } from '../../stack/stack.ts'
import type { Secrets } from './secrets.ts'

/** One login record of the gateway's audit log. */
export interface AuditRecord {
  readonly event: 'login'
  readonly outcome: 'accepted' | 'refused'
  readonly reason?: string
  readonly claim?: string
  readonly also?: readonly string[]
  readonly [key: string]: unknown
}

export interface AttemptOptions {
  readonly user?: string
  readonly database?: string
  /** Laid over the usual terms of the handshake: another host name, say. */
  readonly tls?: ConnectionOptions
  /** Further start-up parameters. */
  readonly startup?: Readonly<Record<string, string>>
  /** In place of the first gateway's. */
  readonly at?: Address
  /** The address of this machine it comes from; any of 127.0.0.0/8 will do. */
  readonly from?: string
  /** Run after login; its first result's rows are returned. */
  readonly query?: string
}

/** What came of one login. */
export interface Attempt {
  readonly ok: boolean
  readonly sqlstate?: string
  readonly severity?: string
  readonly message?: string
  readonly rows?: readonly Record<string, unknown>[]
  /** Connections that reached the pooler because of it. */
  readonly backendsOpened: number
  /** The gateway's own record of it, if it writes one. */
  readonly audit: AuditRecord | undefined
  readonly ms: number
}

export interface Metrics {
  /** The sample's value, or the sum over all its label sets if no labels are named; 0 if the series is not there. */
  get(name: string, labels?: Readonly<Record<string, string>>): number
  readonly text: string
}

export interface Gateway {
  /** Logs in with a token as password and closes again; a refusal is an answer, not an error. */
  attempt(token: string, options?: AttemptOptions): Promise<Attempt>
  metrics(): Promise<Metrics>
  mark(): number
  auditSince(mark: number): readonly AuditRecord[]
}

const attemptLimitMs = 20_000

export function meetGateway(stack: Stack, secrets: Secrets): Gateway {
  const part = () => stack.part('gateway-0')
  const auditSince = (mark: number) =>
    part()
      .logSince(mark)
      .flatMap((line) => parseAudit(line.text))
  const opened = () => (stack.can('links').here ? stack.link('pooler-0').counters.opened : 0)
  return {
    mark: () => part().logMark(),
    auditSince,
    metrics: async () => readMetrics(stack, secrets),
    async attempt(token, options = {}) {
      const [mark, before, start] = [part().logMark(), opened(), performance.now()]
      const result = await logIn(stack, token, options)
      const ms = performance.now() - start
      secrets.search(result.message ?? '', 'the error text that a client got')
      const audit = stack.can('audit-log').here ? await firstAudit(() => auditSince(mark)) : undefined
      return { ...result, audit, ms, backendsOpened: opened() - before }
    },
  }
}

/** The settings of a `pg` client that comes through the front door. */
export function doorConfig(stack: Stack, token: string, options: AttemptOptions = {}): pg.ClientConfig {
  const { host, port, database, ca, servername, tls } = stack.door
  return {
    host: options.at?.host ?? host,
    port: options.at?.port ?? port,
    user: options.user ?? 'tenant_user',
    password: token,
    database: options.database ?? database,
    ssl: tls ? { ca, servername, ...options.tls } : false,
    connectionTimeoutMillis: attemptLimitMs,
    ...(options.from === undefined ? {} : { stream: () => socketFrom(options.from!) }),
    ...(options.startup as pg.ClientConfig),
  }
}

/** The driver says whither; this adds whence. */
function socketFrom(localAddress: string): Socket {
  const socket = new Socket()
  const connect = socket.connect.bind(socket)
  return Object.assign(socket, { connect: (port: number, host: string) => connect({ port, host, localAddress }) })
}

async function logIn(stack: Stack, token: string, options: AttemptOptions): Promise<Omit<Attempt, 'audit' | 'ms' | 'backendsOpened'>> {
  const client = new pg.Client(doorConfig(stack, token, options))
  client.on('error', () => {})
  try {
    await client.connect()
    const result = options.query === undefined ? undefined : await client.query(options.query)
    return { ok: true, ...(result === undefined ? {} : { rows: result.rows as Record<string, unknown>[] }) }
  } catch (error) {
    const { code, severity, message } = error as { code?: string; severity?: string; message: string }
    return { ok: false, message, ...(code === undefined ? {} : { sqlstate: code }), ...(severity === undefined ? {} : { severity }) }
  } finally {
    await Promise.race([client.end().catch(() => {}), sleep(1_000, undefined, { ref: false })])
  }
}

/** The record may be written a moment after the client got its answer. */
async function firstAudit(read: () => readonly AuditRecord[]): Promise<AuditRecord | undefined> {
  const deadline = Date.now() + 2_000
  for (;;) {
    const first = read()[0]
    if (first !== undefined || Date.now() > deadline) return first
    await sleep(5)
  }
}

function parseAudit(line: string): AuditRecord[] {
  if (!line.startsWith('{')) return []
  try {
    const record = JSON.parse(line) as AuditRecord
    return record.event === 'login' ? [record] : []
  } catch {
    return []
  }
}

async function readMetrics(stack: Stack, secrets: Secrets): Promise<Metrics> {
  const address = stack.part('gateway-0').addresses['operations']
  if (address === undefined) throw new Error('the gateway has no operations port')
  const response = await fetch(`http://${address.host}:${address.port}/metrics`, { signal: AbortSignal.timeout(5_000) })
  const text = await response.text()
  secrets.search(text, 'the metrics of gateway-0')
  return { text, get: (name, labels = {}) => sumSamples(text, name, labels) }
}

function sumSamples(text: string, name: string, labels: Readonly<Record<string, string>>): number {
  const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`)
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name} `) || (line.startsWith(`${name}{`) && wanted.every((label) => line.includes(label))))
    .filter((line) => wanted.length === 0 || line.includes('{'))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}
