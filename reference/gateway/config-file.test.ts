import { expect, test } from 'vitest'
import { ConfigError } from './config-error.ts'
import { parseConfig } from './config-file.ts'

const good = `listen: { host: 127.0.0.1, port: 5433 }
upstream: { host: 127.0.0.1, port: 6432, database: orochi }
roles: [{ name: tenant_user, user: orochi_app, password: secret-canary }]
databases: [orochi]
issuers:
  - issuer: https://issuer.test
    audience: orochi
    keys: [{ id: k1, algorithm: RS256, publicKey: k1.pem }]
claims: { keyId: c1, key: "${Buffer.alloc(32, 1).toString('base64')}", cluster: local }
`

function faultOf(text: string): string {
  try {
    parseConfig(text, 'gateway.yaml')
    return 'taken'
  } catch (cause) {
    return cause instanceof ConfigError ? cause.message : String(cause)
  }
}

test('a small configuration is completed with defaults', () => {
  expect(parseConfig(good, 'gateway.yaml')).toMatchObject({
    tokens: {
      requiredClaims: ['exp', 'iss', 'sub', 'role', 'tenant_id'],
      leewaySeconds: 30,
      maxBytes: 65_535,
      cache: { entries: 1000, ttlSeconds: 300 },
    },
    health: { intervalMs: 2000 },
    limits: { startupTimeoutMs: 10_000, upstreamTimeoutMs: 10_000 },
    log: { level: 'info' },
  })
})

const issuers = /issuers:[\s\S]*k1\.pem \}\]\n/
test.each([
  [
    'access:\n  allow: [10.0.0.0/8, 10.0.0.300]\n',
    'gateway.yaml:11: access.allow.1: is no IP address or network (192.0.2.0/24, 2001:db8::/32)',
  ],
  ['access: { allow: [] }\n', 'gateway.yaml:10: access.allow: nobody could knock: name a network, or leave the list out'],
  ['tenants: { a: { allow: [10.0.0.0/33] } }\n', 'gateway.yaml:10: tenants.a.allow.0: has a prefix that is no number from 0 to 32'],
  [
    'limits:\n  perAddress: { exempt: ["::ffff:10.0.0.1"] }\n',
    'gateway.yaml:11: limits.perAddress.exempt.0: is an IPv4-mapped network: write the IPv4 network itself, which covers mapped addresses too',
  ],
])('a list of networks with a fault: %j', (section, fault) => {
  expect(faultOf(good + section)).toBe(fault)
})

test.each([
  [
    'a key that does not exist',
    `${good}tokens:\n  leewaySecond: 3\n`,
    'gateway.yaml:11: tokens.leewaySecond: this key is not known; did you mean leewaySeconds?',
  ],
  [
    'a key within a list',
    good.replace('publicKey', 'public_key'),
    'gateway.yaml:8: issuers.0.keys.0.public_key: this key is not known; did you mean publicKey?',
  ],
  ['a key like no other', `${good}zebra: 1\n`, 'gateway.yaml:10: zebra: this key is not known; known here are listen, operations,'],
  [
    'a section that is not there',
    good.replace(/^upstream.*\n/m, ''),
    'gateway.yaml:1: upstream: is missing: name the pooler, or clusters by routing',
  ],
  ['a wrong kind', good.replace('6432', 'many'), 'gateway.yaml:2: upstream.port: Invalid input: expected number'],
  ['the open network without TLS', good.replace('127.0.0.1', '0.0.0.0'), 'gateway.yaml:1: listen.host: tokens would travel in the clear'],
  ['a short key', good.replace(/key: "A[^"]*"/, 'key: "AAAA"'), 'gateway.yaml:9: claims.key: a claims key has at least 32 bytes'],
  [
    'a long key',
    good.replace(/key: "A[^"]*"/, `key: "${Buffer.alloc(65).toString('base64')}"`),
    'gateway.yaml:9: claims.key: a claims key has at most 64',
  ],
  ['no issuer', good.replace(issuers, 'issuers: []\n'), 'gateway.yaml:5: issuers: no issuer'],
  ['an algorithm that is not offered', good.replace('RS256', 'HS256'), 'gateway.yaml:8: issuers.0.keys.0.algorithm'],
  [
    'a key for an algorithm its issuer does not use',
    good.replace('audience: orochi', 'audience: orochi\n    algorithms: [ES256, EdDSA]'),
    'gateway.yaml:9: issuers.0.keys.0.algorithm: this issuer signs by ES256, EdDSA only',
  ],
  ['a type that is no token for access', `${good}tokens: { types: [logout+jwt] }\n`, 'gateway.yaml:10: tokens.types.0: '],
  ['a purpose without values', `${good}tokens: { purposes: { scope: [] } }\n`, 'gateway.yaml:10: tokens.purposes.scope: '],
  ['a lifetime of nothing', `${good}tokens: { maxLifetimeSeconds: 0 }\n`, 'gateway.yaml:10: tokens.maxLifetimeSeconds: '],
  ['tokens without end', `${good}tokens: { requiredClaims: [iss] }\n`, 'gateway.yaml:10: tokens.requiredClaims: exp must be required'],
  [
    'a role twice',
    good.replace('roles: [', 'roles: [{ name: tenant_user, user: x, password: y }, '),
    'gateway.yaml:3: roles.1.name: this role is there already',
  ],
  [
    'a role twice for one tenant',
    good.replace(
      'roles: [',
      'roles: [{ name: r, user: x, password: y, tenants: [a, b] }, { name: r, user: z, password: y, tenants: [b] }, ',
    ),
    'gateway.yaml:3: roles.1.name: this role is there already: let it name `tenants`',
  ],
  [
    'claims of permissions that do not exist',
    good.replace('claims: {', 'claims: { permissionsFrom: [roles],'),
    'gateway.yaml:9: claims.permissionsFrom.0',
  ],
  ['the same key twice', `${good}databases: [x]\n`, 'gateway.yaml:10: Map keys must be unique'],
  ['no YAML', 'listen: [', 'gateway.yaml:1:'],
  ['nothing', '', 'gateway.yaml:1: listen: is missing (object expected)'],
])('%s is refused, with its line', (_what, text, message) => {
  expect(faultOf(text)).toContain(message)
  expect(faultOf(text)).not.toContain('secret-canary')
})
