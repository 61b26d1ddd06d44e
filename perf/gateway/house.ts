/** Everything the comparison needs to stand: Postgres and a pooler, and in front of them relays and gateways as processes of their own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { makeAuthority } from '../../fixtures/certificates.ts'
import { makeKeyPair } from '../../fixtures/keys.ts'
import { mint } from '../../fixtures/tokens.ts'
import { limitMs } from '../../stack/limits.ts'
import { fillIn, type Filling } from '../../stack/foreign/foreign-gateway.ts'
import { serveKeys } from '../../stack/foreign/jwks.ts'
import { raise } from '../../stack/raise.ts'
import type { Login, Stack } from '../../stack/stack.ts'
import { defaultTopology } from '../../stack/wish.ts'
import type { Way } from '../generator/client.ts'
import { directSubject, freePort, startSubject, type Subject } from './subject.ts'

export interface House extends AsyncDisposable {
  readonly stack: Stack
  /** Postgres, or the pooler before it. */
  direct(upstream: Login): Subject
  relay(name: string, upstream: Login, tls: boolean): Promise<Subject>
  gateway(name: string, upstream: Login, tls: boolean): Promise<Subject>
  /** `exec:` command with places to fill in. */
  foreign(name: string, upstream: Login, command: string, tls: boolean): Promise<Subject>
}

const projectRoot = resolve(import.meta.dirname, '..', '..')
const host = '127.0.0.1'
const issuer = { issuer: 'https://issuer.orochi.test', audience: 'orochi', keyId: 'k1' }
const role = 'tenant_user'

export async function openHouse(run: string): Promise<House> {
  await using scope = new AsyncDisposableStack()
  const wish = { links: 'direct', gateway: null, postgres: { settings: { max_connections: '400' } }, pooler: { poolSize: 20 } } as const
  const stack = scope.use(
    await raise(defaultTopology(wish), { run, provider: 'embedded', signal: AbortSignal.timeout(limitMs('stack-start')) }),
  )
  const dir = mkdtempSync(join(tmpdir(), 'orochi-bench-'))
  scope.defer(() => rmSync(dir, { recursive: true, force: true }))
  const [authority, keys] = await Promise.all([makeAuthority(), makeKeyPair()])
  const certificate = await authority.issue()
  const file = (name: string, content: string): string => (writeFileSync(join(dir, name), content, { mode: 0o600 }), join(dir, name))
  const files = {
    certFile: file('tls.crt', certificate.certificate),
    keyFile: file('tls.key', certificate.privateKey),
    caFile: file('ca.crt', authority.ca),
    publicKeyFile: file('issuer.pem', keys.publicKeyPem),
  }
  const token = await mint({ ...issuer, privateKeyPem: keys.privateKeyPem }, { ttlSeconds: 36_000 })
  const keySet = scope.use(await serveKeys([{ id: issuer.keyId, publicKeyPem: keys.publicKeyPem }]))
  const claimsKey = randomBytes(32).toString('base64')
  const subjects = scope.use(new AsyncDisposableStack())
  const own = (subject: Subject): Subject => subjects.use(subject)
  const byToken = async (database: string, tls: boolean): Promise<Way> => ({
    host,
    port: await freePort(),
    user: role,
    database,
    password: token,
    ca: tls ? authority.ca : null,
  })
  const house = {
    stack,
    direct: (upstream: Login) => directSubject('direct', { ...upstream, ca: null }),
    async relay(name: string, upstream: Login, tls: boolean) {
      const way: Way = { ...upstream, host, port: await freePort(), ca: tls ? authority.ca : null }
      const certificates = tls ? [files.certFile, files.keyFile] : []
      const command = [
        process.execPath,
        join(projectRoot, 'perf/gateway/relay.ts'),
        `${host}:${way.port}`,
        `${upstream.host}:${upstream.port}`,
        ...certificates,
      ]
      return own(await startSubject(name, way, command))
    },
    async gateway(name: string, upstream: Login, tls: boolean) {
      const way = await byToken('orochi', tls)
      const config = file(`${name.replaceAll(' ', '-')}.yaml`, stringify(configOf(way, upstream, tls, claimsKey, files)))
      return own(await startSubject(name, way, [process.execPath, join(projectRoot, 'reference/gateway/bin.ts'), '--config', config]))
    },
    async foreign(name: string, upstream: Login, command: string, tls: boolean) {
      const way = await byToken('orochi', tls)
      const filling = fillingOf(way, upstream, { ...files, claimsKey, jwksUrl: keySet.url })
      return own(await startSubject(name, way, ['/bin/sh', '-c', `exec env ${fillIn(command, filling)}`]))
    },
  }
  const moved = scope.move()
  return { ...house, [Symbol.asyncDispose]: () => moved.disposeAsync() }
}

interface Files {
  readonly certFile: string
  readonly keyFile: string
  readonly caFile: string
  readonly publicKeyFile: string
}

function configOf(way: Way, upstream: Login, tls: boolean, claimsKey: string, files: Files): object {
  return {
    listen: { host, port: way.port },
    ...(tls ? { tls: { cert: files.certFile, key: files.keyFile } } : {}),
    upstream: { host: upstream.host, port: upstream.port, database: upstream.database },
    roles: [{ name: role, user: upstream.user, password: upstream.password }],
    databases: ['orochi'],
    issuers: [
      {
        issuer: issuer.issuer,
        audience: issuer.audience,
        keys: [{ id: issuer.keyId, algorithm: 'RS256', publicKey: files.publicKeyFile }],
      },
    ],
    claims: { keyId: 'c1', key: claimsKey, cluster: 'local' },
    // One tenant, all from this machine.
    limits: { perTenant: { connections: 100_000 } },
    log: { level: 'warn' },
  }
}

function fillingOf(way: Way, upstream: Login, more: Files & { readonly claimsKey: string; readonly jwksUrl: string }): Filling {
  return {
    listen: `${host}:${way.port}`,
    listenHost: host,
    listenPort: String(way.port),
    operations: `${host}:0`,
    operationsPort: '0',
    upstreamHost: upstream.host,
    upstreamPort: String(upstream.port),
    upstreamDatabase: upstream.database,
    upstreamUser: upstream.user,
    upstreamPassword: upstream.password,
    ...issuer,
    role,
    claimsKeyId: 'c1',
    template: '',
    ...more,
  }
}
