/** A control plane for tests, on a platform in memory, with tokens to ask it by. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { audience, issuerName, key, makeToken } from '../../gateway/testing/issuer.ts'
import { configSchema, type ControlPlaneConfig } from '../config.ts'
import { startControlPlane, type ControlPlane } from '../control-plane.ts'
import type { Pieces } from '../pieces.ts'
import { makePlatform, type FakePlatform } from './fake-platform.ts'

export const credential = 'the-credential-of-the-gateway'

/** Whatever it is, tests match it. */
export type Body = Readonly<Record<string, unknown>>

export interface Asked {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

export interface Raised extends AsyncDisposable {
  readonly plane: ControlPlane
  readonly platform: FakePlatform
  readonly config: ControlPlaneConfig
  readonly base: string
  /** An administrator's. */
  readonly token: string
  readonly logged: Record<string, unknown>[]
  /** As an administrator, unless `headers` say otherwise. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Asked>
  /** As the gateway. */
  askInternally(method: string, path: string): Promise<Asked>
  /** Creates a cluster, awake when it resolves. */
  create(id: string, spec?: object): Promise<void>
  /** Until it is in that state. */
  until(id: string, state: string): Promise<Body>
  metrics(): Promise<string>
}

export interface RaiseTerms {
  readonly pieces?: Partial<Pieces>
  readonly platform?: FakePlatform
  /** Kept by whoever gives it. */
  readonly dir?: string
  readonly change?: (config: Record<string, unknown>) => Record<string, unknown>
}

const hurried = { pollMs: 10, watchMs: 100, firstPauseMs: 10, maxPauseMs: 50, leadMs: 50, acceptMs: 2000 }

export function configIn(
  dir: string,
  change: (config: Record<string, unknown>) => Record<string, unknown> = (same) => same,
): ControlPlaneConfig {
  const [publicKey, tokenFile] = [join(dir, 'k1.pem'), join(dir, 'token')]
  writeFileSync(publicKey, key.publicPem)
  writeFileSync(tokenFile, `${credential}\n`)
  const nothing = { argv: ['true'] }
  return configSchema.parse(
    change({
      listen: { host: '127.0.0.1', port: 0 },
      operations: { host: '127.0.0.1', port: 0 },
      store: { kind: 'sqlite', path: join(dir, 'clusters.db') },
      driver: {
        kind: 'exec',
        clusters: { default: { servers: ['postgres://127.0.0.1:1/none'], commands: { start: nothing, stop: nothing } } },
      },
      issuers: [{ issuer: issuerName, audience, keys: [{ id: 'k1', algorithm: 'RS256', publicKey }] }],
      internal: { tokenFile },
      times: hurried,
    }),
  )
}

export const adminToken = () => makeToken({ claims: { permissions: ['clusters:admin'] } })

export async function raise({ pieces, platform = makePlatform(), dir: given, change }: RaiseTerms = {}): Promise<Raised> {
  const dir = given ?? mkdtempSync(join(tmpdir(), 'control-plane-test-'))
  const config = configIn(dir, change)
  const logged: Record<string, unknown>[] = []
  const write = (level: string, record: object) => void logged.push({ level, ...record })
  const plane = await startControlPlane(config, { makeProvisioner: () => platform, ...pieces }, { write })
  const token = await adminToken()
  const base = `http://127.0.0.1:${plane.port}`

  async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Asked> {
    const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
    const said = { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers }
    const response = await fetch(base + path, { method, headers: said, ...sent })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? {} : (JSON.parse(text) as Body) }
  }

  async function until(id: string, state: string): Promise<Body> {
    for (const deadline = Date.now() + 15_000; ;) {
      const { body } = await ask('GET', `/api/v1/clusters/${id}/status`)
      if (body['state'] === state) return body
      if (Date.now() > deadline) throw new Error(`${id} is ${JSON.stringify(body)}, not ${state}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  return {
    plane,
    platform,
    config,
    base,
    token,
    logged,
    ask,
    until,
    askInternally: (method, path) => ask(method, `/api/v1/internal/clusters/${path}`, undefined, { authorization: `Bearer ${credential}` }),
    async create(id, spec = {}) {
      const { status, body } = await ask('POST', '/api/v1/clusters', { id, spec })
      if (status !== 201) throw new Error(JSON.stringify(body))
      await until(id, 'active')
    },
    metrics: async () => await (await fetch(`http://127.0.0.1:${plane.operationsPort}/metrics`)).text(),
    async [Symbol.asyncDispose]() {
      await plane[Symbol.asyncDispose]()
      if (given === undefined) rmSync(dir, { recursive: true, force: true })
    },
  }
}
