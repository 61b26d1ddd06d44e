/** Keys, certificate, tokens and configuration of a gateway that is to be attacked. */
import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { makeAuthority } from '../fixtures/certificates.ts'
import { makeKeyPair } from '../fixtures/keys.ts'
import { mint, type Issuer, type Overrides } from '../fixtures/tokens.ts'

export const upstreamPassword = 'upstream-canary-5b1f'
export const stageTimeoutMs = 1500

export interface Material extends AsyncDisposable {
  readonly configFile: string
  readonly ca: string
  /** Tokens by name for each slot; all of one slot name the same subject. */
  readonly tokens: readonly Readonly<Record<string, string>>[]
  readonly subjectOf: (slot: number) => string
  readonly goodToken: string
}

export interface MaterialWish {
  readonly slots: number
  readonly port: number
  readonly upstreamPort: number
}

const goodSubject = 'good-client'
const subjectOf = (slot: number) => `slot-${slot}`

export async function makeMaterial(wish: MaterialWish): Promise<Material> {
  const dir = mkdtempSync(join(tmpdir(), 'orochi-fuzz-'))
  const [authority, keys, others] = await Promise.all([makeAuthority(), makeKeyPair(), makeKeyPair()])
  const certificate = await authority.issue()
  const issuer = { issuer: 'https://issuer.test', audience: 'orochi', keyId: 'k1', privateKeyPem: keys.privateKeyPem }
  const file = (name: string, content: string): string => (writeFileSync(join(dir, name), content, { mode: 0o600 }), join(dir, name))
  const paths = {
    cert: file('tls.crt', certificate.certificate),
    key: file('tls.key', certificate.privateKey),
    issuer: file('issuer.pem', keys.publicKeyPem),
  }
  return {
    configFile: file('gateway.yaml', stringify(configuration(wish, paths))),
    ca: authority.ca,
    tokens: await Promise.all(Array.from({ length: wish.slots }, (_, slot) => tokensFor(issuer, others.privateKeyPem, subjectOf(slot)))),
    subjectOf,
    goodToken: await mint(issuer, { claims: { sub: goodSubject }, ttlSeconds: 86_400 }),
    [Symbol.asyncDispose]: () => Promise.resolve(rmSync(dir, { recursive: true, force: true })),
  }
}

function configuration(
  { port, upstreamPort }: MaterialWish,
  paths: { readonly cert: string; readonly key: string; readonly issuer: string },
): object {
  const claimsKey = createHmac('sha256', 'fuzz').update('claims').digest()
  return {
    listen: { host: '127.0.0.1', port },
    tls: { cert: paths.cert, key: paths.key },
    upstream: { host: '127.0.0.1', port: upstreamPort, database: 'orochi' },
    roles: [{ name: 'tenant_user', user: 'orochi_app', password: upstreamPassword }],
    databases: ['orochi'],
    issuers: [{ issuer: 'https://issuer.test', audience: 'orochi', keys: [{ id: 'k1', algorithm: 'RS256', publicKey: paths.issuer }] }],
    claims: { keyId: 'c1', key: claimsKey.toString('base64'), cluster: 'local' },
    limits: { startupTimeoutMs: stageTimeoutMs, upstreamTimeoutMs: stageTimeoutMs },
  }
}

/** One good token, and one of each kind that must not open the door. */
async function tokensFor(issuer: Issuer, foreignKey: string, sub: string): Promise<Readonly<Record<string, string>>> {
  const kinds: Readonly<Record<string, Overrides>> = {
    good: { ttlSeconds: 86_400 },
    expired: { expiredMinutesAgo: 10 },
    forged: { signedBy: foreignKey },
    unsigned: { forgery: 'none' },
    'other-role': { claims: { sub, role: 'postgres' } },
    'no-exp': { claims: { sub, exp: undefined } },
    deep: { payloadText: `{"sub":"${sub}","a":${'['.repeat(8000)}${']'.repeat(8000)}}` },
    huge: { claims: { sub, filler: 'x'.repeat(45_000) } },
    'odd-json': { payloadText: '{"iss":"https://issuer.test","__proto__":{"sub":1},"exp":1e999,"sub":{},"sub":[]}' },
    'odd-header': { header: { kid: '../../etc/passwd\u0000', typ: 'secevent+jwt', jku: 'http://127.0.0.1:1/' } },
  }
  const pairs = Object.entries(kinds).map(
    async ([name, overrides]) => [name, await mint(issuer, { claims: { sub }, ...overrides })] as const,
  )
  return Object.fromEntries(await Promise.all(pairs))
}
