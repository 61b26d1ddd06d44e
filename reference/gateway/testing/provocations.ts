/** For each reason of a refusal one way in which somebody outside brings it about. A reason that nobody can bring about has no place in the table. */
import { rootCertificates } from 'node:tls'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeFrontend } from '../../wire/index.ts'
import { configSchema, type GatewayConfig } from '../config.ts'
import type { Reason } from '../reasons.ts'
import { assemble, makeToken, otherKey } from './issuer.ts'
import { makeCertificate } from './certificate.ts'
import { startupPacket } from './stage.ts'
import {
  afterwards,
  askForTls,
  askingFor,
  asleep,
  byHost,
  enter,
  leave,
  limited,
  now,
  once,
  presents,
  presentsText,
  reached,
  revoke,
  send,
  taking,
  tokensOf,
  sleeping,
  under,
  upstreamThat,
  waits,
  type Provocation,
} from './ways.ts'

/** Its only issuer with something else about it. */
function withIssuer(config: GatewayConfig, more: object): GatewayConfig {
  return configSchema.parse({ ...config, issuers: config.issuers.map((issuer) => ({ ...issuer, ...more })) })
}

export const provocations: Readonly<Record<Reason, Provocation>> = {
  token_expired: presents({ claims: { exp: now() - 60 } }),
  token_not_yet_valid: presents({ claims: { nbf: now() + 600 } }),
  invalid_signature: presents({ signedBy: otherKey }),
  malformed_token: presentsText('correct horse battery staple'),
  missing_claim: presents({ claims: { sub: undefined } }),
  invalid_issuer: presents({ claims: { iss: 'https://elsewhere.test' } }),
  invalid_audience: presents({ claims: { aud: 'elsewhere' } }),
  unsupported_algorithm: presentsText(assemble({ alg: 'none', kid: 'k1' }, {}, '')),
  unknown_key: presents({ kid: 'k-of-a-stranger' }),
  keys_unavailable: under((config) => withIssuer(config, { keys: [], jwks: { url: 'http://127.0.0.1:1/' } })),
  token_lifetime: under((config) => tokensOf(config, { maxLifetimeSeconds: 60 })),
  wrong_token_type: under((config) => tokensOf(config, { types: ['at+jwt'] })),
  wrong_purpose: under((config) => tokensOf(config, { purposes: { token_use: ['access'] } })),
  token_too_large: presentsText('x'.repeat(66_000)),
  role_mismatch: presents({}, { user: 'somebody_else' }),
  replication_not_allowed: presents({}, { replication: 'database' }),
  token_revoked: afterwards(taking, (stage) => revoke(stage)),
  token_replayed: afterwards(once(9), (stage, token) => stage.logIn(token).then((client) => client.until('ready-for-query'))),
  too_many_tokens: {
    wish: { change: once(1) },
    play: async (stage) => (await enter(stage, { claims: { jti: 'other' } }), stage.logIn(await makeToken())),
  },
  unknown_role: presents({ claims: { role: 'nobody' } }, { user: 'nobody' }),
  unknown_database: presents({}, { database: 'elsewhere' }),
  unknown_route: byHost('initech.main.db.example.org'),
  route_mismatch: byHost('acme.main.db.example.org', { cluster_id: 'initech' }),
  claims_too_large: presents({ claims: { note: 'x'.repeat(4000) } }),
  certificate_missing: under(askingFor({ clientCertificate: 'required' })),
  certificate_refused: {
    wish: { change: askingFor({ clientCertificate: 'optional' }) },
    play: async (stage) => stage.logIn(await makeToken(), {}, makeCertificate()),
  },
  certificate_mismatch: presents({ claims: { cnf: { 'x5t#S256': 'of-another' } } }),
  token_not_bound: under(askingFor({ clientCertificate: 'optional', tokenBinding: 'required' })),
  tls_required: {
    play: async (stage) => {
      const client = stage.plain()
      client.stream.write(startupPacket())
      return client
    },
  },
  no_password: presentsText(''),
  forbidden_parameter: presents({}, { 'orochi.claims': '{}' }),
  unsupported_parameter: presents({}, { work_mem: '1GB' }),
  bad_parameter: presents({}, { TimeZone: 'x'.repeat(300) }),
  proxy_header: {
    wish: { change: (config) => configSchema.parse({ ...config, access: { proxies: ['127.0.0.0/8'] } }) },
    play: (stage) => Promise.resolve(askForTls(stage)),
    silent: true,
  },
  protocol_violation: { play: async (stage) => send(await stage.secure(), encodeFrontend({ kind: 'query', text: 'select 1' })) },
  too_many_clients: limited({ clients: 1 }, enter),
  too_many_strangers: limited(
    { unauthenticated: 1 },
    async (stage) => {
      const { stream } = stage.plain()
      await new Promise((resolve) => stream.once('connect', resolve))
    },
    true,
  ),
  too_many_connects: limited({ perAddress: { connects: { count: 1, windowMs: 60_000 } } }, enter),
  too_many_handshakes: {
    ...limited({ perAddress: { handshakes: 1 } }, () => Promise.resolve(), true),
    play: async (stage) => {
      await askForTls(stage).bytes(1)
      return askForTls(stage)
    },
  },
  too_many_for_tenant: limited({ perTenant: { connections: 1 } }, enter),
  tenant_places_unknown: under((config) =>
    configSchema.parse({ ...config, leaseStore: { url: 'postgres://nobody@127.0.0.1:1/none', whenAway: 'refuse' } }),
  ),
  too_many_failures: limited({ perAddress: { failures: { count: 1, windowMs: 60_000, blockMs: 60_000 } } }, (stage) =>
    stage.logIn('nothing').then((client) => client.until('closed')),
  ),
  address_not_allowed: {
    wish: { change: (config) => configSchema.parse({ ...config, access: { allow: ['192.0.2.0/24'] } }) },
    play: async (stage) => stage.plain(),
    silent: true,
  },
  tenant_address: under((config) => configSchema.parse({ ...config, tenants: { 'tenant-a': { allow: ['192.0.2.0/24'] } } })),
  revocations_unknown: under((config) =>
    configSchema.parse({ ...config, revocation: { pull: { file: '/nowhere/list.json', whenStale: 'closed' } } }),
  ),
  session_revoked: {
    wish: { change: taking, serve: asleep },
    play: async (stage) => {
      const client = await stage.logIn(await makeToken())
      await reached(stage)
      await revoke(stage)
      return client
    },
  },
  session_expired: {
    wish: { change: (config) => tokensOf(config, { leewaySeconds: 0 }), serve: asleep },
    play: async (stage) => stage.logIn(await makeToken({ claims: { exp: now() + 1 } })),
  },
  login_timeout: {
    wish: { change: (config) => ({ ...config, limits: { ...config.limits, startupTimeoutMs: 150 } }) },
    play: async (stage) => send(await stage.secure()),
  },
  client_gone: {
    wish: { serve: asleep },
    play: async (stage) => {
      const client = await stage.logIn(await makeToken())
      await reached(stage)
      await leave(client.stream)
      return client
    },
    silent: true,
  },
  upstream_unavailable: under((config) =>
    configSchema.parse({ ...config, upstream: { host: '127.0.0.1', port: 1, database: 'orochi_0' } }),
  ),
  upstream_tls: under((config) => {
    const ca = join(config.tls!.cert, '..', 'ca.crt')
    writeFileSync(ca, rootCertificates[0]!)
    return configSchema.parse({ ...config, upstream: { ...config.upstream, tls: { ca, serverName: 'pooler.internal' } } })
  }),
  upstream_wake_timeout: under((config) => sleeping(config, { pollMs: 60_000, deadlineMs: 1000 })),
  upstream_wake_failed: under((config) => sleeping(config, { pollMs: 20 })),
  upstream_wake_full: afterwards(
    (config) => sleeping(config, { pollMs: 60_000, queue: { total: 1 } }),
    async (stage, token) => (await stage.logIn(token), await waits(stage)),
  ),
  upstream_timeout: upstreamThat(asleep, { upstreamTimeoutMs: 150 }),
  upstream_refused: upstreamThat(async ({ send: say }) => say({ kind: 'error-response', fields: new Map([['C', '28P01'], ['M', 'no']]) })), // prettier-ignore
  audit_unavailable: under((config) => configSchema.parse({ ...config, audit: { file: '/dev/full' } })),
  internal_error: {
    ...presents({}),
    wish: {
      pieces: {
        judgeAdmission() {
          throw new Error('a mistake of ours')
        },
      },
    },
  },
}
