/** An issuer of tokens that publishes its keys over HTTP on loopback, as well or as badly as a test wants. */
import { createPublicKey, generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Stack } from '../../stack/stack.ts'
import type { Configuration } from '../kit/reconfigure.ts'

export interface Publisher extends AsyncDisposable {
  readonly url: string
  /** What it publishes from now on. */
  publish(...jwks: readonly object[]): void
  /** Or how it answers. */
  behave(serve: Serve): void
  /** Requests that came. */
  readonly requests: number
  /** Connections that were opened. */
  readonly connections: number
}

export type Serve = (response: ServerResponse, request: IncomingMessage) => void

export async function startPublisher(...jwks: readonly object[]): Promise<Publisher> {
  let serve = answering(jwks)
  const seen = { requests: 0, connections: 0 }
  const server = createServer((request, response) => {
    seen.requests++
    response.on('error', () => {})
    serve(response, request)
  })
  server.on('connection', () => seen.connections++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    publish: (...keys) => void (serve = answering(keys)),
    behave: (next) => void (serve = next),
    get requests() {
      return seen.requests
    },
    get connections() {
      return seen.connections
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function answering(keys: readonly object[]): Serve {
  return (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }))
}

/** A key of the issuer, both halves. */
export interface IssuerKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly jwk: object
}

export function makeIssuerKey(kid: string, bits = 2048): IssuerKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits })
  return { kid, privateKey, jwk: { ...createPublicKey(privateKey).export({ format: 'jwk' }), kid, use: 'sig' } }
}

export type Signature = (input: Buffer) => Buffer

export const rs256 =
  (key: KeyObject): Signature =>
  (input) =>
    sign('sha256', input, key)

export interface TokenWish {
  readonly kid: string
  readonly alg?: string
  readonly signature: Signature
  readonly claims?: Readonly<Record<string, unknown>>
}

/** A token for this stack by whatever signature; valid for two hours. */
export function tokenFor({ issuer, role }: Stack, { kid, alg = 'RS256', signature, claims = {} }: TokenWish): string {
  const now = Math.floor(Date.now() / 1000)
  const { issuer: iss, audience: aud } = issuer
  const payload = { iss, aud, sub: 'user-1', role, tenant_id: 'tenant-a', iat: now, exp: now + 7200, jti: randomUUID(), ...claims }
  const input = [{ alg, kid, typ: 'JWT' }, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${input}.${signature(Buffer.from(input)).toString('base64url')}`
}

export const tokenBy = (stack: Stack, key: IssuerKey, claims: Readonly<Record<string, unknown>> = {}) =>
  tokenFor(stack, { kid: key.kid, signature: rs256(key.privateKey), claims })

/** The stack's issuer has these keys in place of its own. */
export function issuedBy(source: object): (config: Configuration) => Configuration {
  return (config) => ({ ...config, issuers: issuersOf(config).map((issuer) => ({ ...issuer, keys: [], ...source })) })
}

/** One more issuer. */
export function alsoIssuedBy(issuer: object): (config: Configuration) => Configuration {
  return (config) => ({ ...config, issuers: [...issuersOf(config), { ...issuersOf(config)[0], keys: [], ...issuer }] })
}

function issuersOf(config: Configuration): readonly object[] {
  return config['issuers'] as readonly object[]
}

/** True as soon as it holds; false when it did not for so long. */
export async function holds(condition: () => boolean | Promise<boolean>, withinMs = 8000): Promise<boolean> {
  for (const deadline = performance.now() + withinMs; performance.now() < deadline; await sleep(25)) if (await condition()) return true
  return false
}

/** Whether the gateway says that it takes clients. */
export async function isReady(stack: Stack): Promise<boolean> {
  const { host, port } = stack.part('gateway-0').addresses['operations']!
  return (await fetch(`http://${host}:${port}/ready`, { signal: AbortSignal.timeout(5000) })).status === 200
}
