import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Addresses } from './addresses.ts'
import { parseConfig } from './config-file.ts'
import { configSchema } from './config.ts'
import { reasons, Refusal, refusalMessage } from './reasons.ts'
import { planRoutes, unsafeRoutes, type RouteConfig } from './route-config.ts'
import { makeRoutes, type Hints, type RouteMap, type RouteTable } from './routes.ts'
import type { VerifiedToken } from './verify.ts'

const at = (port: number, database: string) => ({ host: '127.0.0.1', port, database })
const usual: RouteConfig = {
  routing: configSchema.shape.routing.parse({
    suffix: 'db.example.org',
    neutralHosts: ['localhost'],
    clusters: [
      { name: 'acme', branches: [{ name: 'main', ...at(1, 'acme') }, { name: 'feature-x', ...at(1, 'acme_x') }] }, // prettier-ignore
      { name: 'globex', branches: [{ name: 'main', ...at(2, 'globex') }] },
    ],
  }),
  roles: [{ password: 'x' }],
  tokens: { requiredClaims: ['cluster_id'] },
  claims: {},
}

const withRouting = (change: Partial<NonNullable<RouteConfig['routing']>>): RouteConfig => ({
  ...usual,
  routing: { ...usual.routing!, ...change },
})

function routesOf(config: RouteConfig): RouteMap {
  const plan = planRoutes(config)
  const table: RouteTable = new Map(
    plan.clusters.map(({ name, branches }) => [
      name,
      new Map(branches.map((branch) => [branch.name, { database: branch.database, addresses: new Addresses([]) }])),
    ]),
  )
  return makeRoutes(plan, table, new Addresses([]))
}

const tokenOf = (claims: Record<string, unknown>) => ({ claims: new Map(Object.entries(claims)) }) as unknown as VerifiedToken
const silent: Hints = { host: null, options: null, database: null }

function outcome(config: RouteConfig, claims: Record<string, unknown>, hints: Partial<Hints>): string {
  try {
    const { cluster, branch, database } = routesOf(config).choose(tokenOf(claims), { ...silent, ...hints })
    return `${cluster}.${branch} ${database}`
  } catch (cause) {
    return cause instanceof Refusal ? cause.reason : String(cause)
  }
}

const host = (place: string) => ({ host: `${place}.db.example.org` })
const all = ['options', 'database', 'claim'] as const

test.each<[string, RouteConfig, Record<string, unknown>, Partial<Hints>, string]>([
  ['the host chooses', usual, { cluster_id: 'acme' }, host('acme.feature-x'), 'acme.feature-x acme_x'],
  ['the claims agree', usual, { cluster_id: 'acme', branch_id: 'main' }, host('acme.main'), 'acme.main acme'],
  ['the token is for another cluster', usual, { cluster_id: 'globex' }, host('acme.main'), 'route_mismatch'],
  ['the token is for another branch', usual, { cluster_id: 'acme', branch_id: 'main' }, host('acme.feature-x'), 'route_mismatch'],
  ['the claim is written otherwise', usual, { cluster_id: 'ACME' }, host('acme.main'), 'route_mismatch'],
  ['an empty claim is a claim', usual, { cluster_id: 'acme', branch_id: '' }, host('acme.main'), 'route_mismatch'],
  ['there is no such cluster', usual, { cluster_id: 'acme' }, host('initech.main'), 'route_mismatch'],
  ['there is no such cluster, and the token is for it', usual, { cluster_id: 'initech' }, host('initech.main'), 'unknown_route'],
  ['there is no such branch', usual, { cluster_id: 'globex' }, host('globex.feature-x'), 'unknown_route'],
  ['a name of the object prototype', usual, { cluster_id: 'constructor' }, host('constructor.main'), 'unknown_route'],
  ['the host is not ours', usual, { cluster_id: 'acme' }, { host: 'acme.main.example.org' }, 'unknown_route'],
  ['nothing says where to', usual, { cluster_id: 'acme' }, {}, 'unknown_route'],
  ['a neutral host says nothing either', usual, { cluster_id: 'acme', branch_id: 'main' }, { host: 'localhost' }, 'unknown_route'],
  [
    'a claim alone decides where it may',
    withRouting({ fallbacks: ['claim'] }),
    { cluster_id: 'acme', branch_id: 'feature-x' },
    {},
    'acme.feature-x acme_x',
  ],
  ['a claim alone, half of it missing', withRouting({ fallbacks: ['claim'] }), { cluster_id: 'acme' }, {}, 'unknown_route'],
  [
    'half a claim and a usual branch',
    withRouting({ fallbacks: ['claim'], default: { cluster: 'acme', branch: 'main' } }),
    { cluster_id: 'globex' },
    {},
    'globex.main globex',
  ],
  ['hints', withRouting({ fallbacks: [...all] }), { cluster_id: 'acme' }, { options: 'acme.Main' }, 'acme.main acme'],
  [
    'hints that agree',
    withRouting({ fallbacks: [...all] }),
    {},
    { ...host('acme.main'), options: 'acme.main', database: 'acme.main' },
    'acme.main acme',
  ],
  ['hints that do not', withRouting({ fallbacks: [...all] }), {}, { options: 'acme.main', database: 'acme.feature-x' }, 'route_mismatch'],
  [
    'a hint against the host',
    withRouting({ fallbacks: [...all] }),
    {},
    { ...host('acme.main'), options: 'acme.feature-x' },
    'route_mismatch',
  ],
  ['a hint against the claim', withRouting({ fallbacks: [...all] }), { cluster_id: 'globex' }, { database: 'acme.main' }, 'route_mismatch'],
  ['a hint that is none', withRouting({ fallbacks: [...all] }), {}, { options: 'acme' }, 'unknown_route'],
  ['the usual place', withRouting({ default: { cluster: 'acme', branch: 'main' } }), {}, {}, 'acme.main acme'],
  [
    'the usual place is not the token’s',
    withRouting({ default: { cluster: 'acme', branch: 'main' } }),
    { branch_id: 'feature-x' },
    {},
    'route_mismatch',
  ],
])('%s', (_what, config, claims, hints, expected) => {
  expect(outcome(config, claims, hints)).toBe(expected)
})

test('one upstream is one cluster whose pooler knows no branches: a token’s is carried along', () => {
  const simple: RouteConfig = { ...usual, routing: undefined, upstream: at(1, 'one'), claims: { cluster: 'local' } }
  expect(outcome(simple, {}, {})).toBe('local.main one')
  expect(outcome(simple, { branch_id: 'b-7' }, { host: 'whatever.test' })).toBe('local.b-7 one')
  expect(outcome(simple, { cluster_id: 'local' }, {})).toBe('local.main one')
  expect(outcome(simple, { cluster_id: 'other' }, {})).toBe('unknown_route')
  expect(outcome({ ...simple, claims: { cluster: 'local', branch: 'trunk' } }, {}, {})).toBe('local.trunk one')
})

test('a single branch is the usual one', () => {
  const single = withRouting({ clusters: [{ name: 'acme', branches: [{ name: 'trunk', ...at(1, 'acme') }] }] })
  expect(outcome(single, {}, {})).toBe('acme.trunk acme')
  expect(outcome(single, { branch_id: 'main' }, {})).toBe('route_mismatch')
})

test('unknown and forbidden places look the same', () => {
  const [unknown, forbidden] = (['unknown_route', 'route_mismatch'] as const).map((reason) =>
    refusalMessage(new Refusal(reason, { detail: 'secret' }), reasons),
  )
  expect(unknown).toEqual(forbidden)
})

const branch = (change: object) =>
  ({ name: 'main', database: 'd', ...change }) as NonNullable<RouteConfig['routing']>['clusters'][0]['branches'][0]
const branches = (...changes: object[]) => withRouting({ clusters: [{ name: 'acme', branches: changes.map(branch) }] })
const tls = { ca: 'ca.pem' }

test.each<[string, RouteConfig, string, string]>([
  ['no upstream', { ...usual, routing: undefined }, 'upstream', 'is missing'],
  ['both forms', { ...usual, upstream: at(1, 'x') }, 'upstream', 'beside routing'],
  ['no cluster', { ...usual, routing: undefined, upstream: at(1, 'x') }, 'claims.cluster', 'is missing'],
  ['a cluster said twice', { ...usual, claims: { cluster: 'x' } }, 'claims.cluster', 'leave it out'],
  ['clusters for any token', { ...usual, tokens: { requiredClaims: [] } }, 'tokens.requiredClaims', 'add cluster_id'],
  ['no address', branches({}), 'routing.clusters.0.branches.0', 'exactly one'],
  ['two ways', branches({ host: '127.0.0.1', port: 1, socket: '/x' }), 'routing.clusters.0.branches.0', 'exactly one'],
  ['half an address', branches({ host: '127.0.0.1' }), 'routing.clusters.0.branches.0', 'exactly one'],
  ['the open network', branches({ host: '10.0.0.1', port: 1 }), 'routing.clusters.0.branches.0', 'verify it by tls'],
  ['TLS over a socket', branches({ socket: '/x', tls }), 'routing.clusters.0.branches.0.tls', 'Unix socket'],
  ['half a certificate', branches({ ...at(1, 'd'), tls: { ...tls, cert: 'c' } }), 'routing.clusters.0.branches.0.tls', 'go together'],
  ['no credential', { ...branches(at(1, 'd')), roles: [{}] }, 'routing.clusters.0.branches.0', 'without password'],
  ['no certificate', { ...branches({ ...at(1, 'd'), tls }), roles: [{}] }, 'routing.clusters.0.branches.0.tls', 'without password'],
  ['a branch twice', branches(at(1, 'd'), at(1, 'e')), 'routing.clusters.0.branches.1.name', 'there already'],
  ['a branch beside all', branches(at(1, 'd'), { ...at(1, 'e'), name: '*' }), 'routing.clusters.0.branches.1.name', 'leave the others out'],
  ['a usual cluster that is not', withRouting({ default: { cluster: 'x' } }), 'routing.default.cluster', 'no such cluster'],
  ['a usual branch that is not', withRouting({ default: { cluster: 'acme', branch: 'x' } }), 'routing.default.branch', 'no such branch'],
  ['neutral hosts for nothing', withRouting({ suffix: undefined }), 'routing.neutralHosts', 'without a suffix'],
])('%s is refused', (_what, config, path, message) => {
  expect(unsafeRoutes(config).map((each) => `${each.path.join('.')}: ${each.message}`)).toEqual([
    expect.stringMatching(`^${path}: .*${message}`),
  ])
})

test('what is safe is taken', () => {
  for (const config of [
    usual,
    branches({ host: '10.0.0.1', port: 1, tls: 'off' }),
    branches({ socket: '/x' }),
    branches({ addresses: [{ socket: '/x' }, { host: '::1', port: 1 }] }),
  ]) {
    expect(unsafeRoutes(config)).toEqual([])
  }
})

test.each(['Main', 'feature_x', 'a.b', '-a', 'a-', '', 'ü', 'x'.repeat(64)])('%j is no name of a branch', (name) => {
  const clusters = [{ name: 'acme', branches: [{ name, ...at(1, 'd') }] }]
  expect(configSchema.shape.routing.safeParse({ clusters }).success).toBe(false)
})

test('the example of the README is taken', () => {
  const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8')
  const example = /```yaml routing\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const base = [
    'listen: { host: 127.0.0.1, port: 5433 }',
    'roles: [{ name: tenant_user, user: orochi_app, password: x }]',
    'databases: [orochi]',
    'issuers: [{ issuer: i, audience: a, keys: [{ id: k, algorithm: RS256, publicKey: k.pem }] }]',
    `claims: { keyId: c, key: ${Buffer.alloc(32).toString('base64')} }`,
  ]
  const { routing, upstream } = parseConfig(`${example}${base.join('\n')}\n`, 'example.yaml')
  expect([routing?.clusters.map(({ name }) => name), upstream]).toEqual([['acme', 'globex'], undefined])
})
