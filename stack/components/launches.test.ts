import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Launch } from '../launch.ts'
import { fill } from '../providers/placeholders.ts'
import { defaultTopology } from '../wish.ts'
import { gatewayLaunch, type GatewayPlan } from './gateway.ts'
import { pgdogToml, usersToml } from './pgdog.ts'
import type { PoolerPlan } from './pooler.ts'
import { postgresLaunch, type ServerPlan } from './postgres.ts'
import { routerLaunch } from './router.ts'

const topology = defaultTopology({ shards: 2, pooler: { kind: 'router', poolSize: 7 } })
const password = `it's "quoted" \\ and {x}`

const pooler: PoolerPlan = {
  instance: 0,
  wish: topology.pooler!,
  database: 'orochi',
  shards: [
    [{ role: 'primary', host: '127.0.0.1', port: 5001, database: 'orochi_0' }],
    [{ role: 'primary', host: '127.0.0.1', port: 5002, database: 'orochi_1' }],
  ],
  branches: {},
  sharding: topology.sharding,
  split: topology.split,
  user: 'orochi_app',
  password,
  further: [{ user: 'orochi_own', password: 'own secret' }],
  adminPassword: 'admin secret',
  ca: 'CA',
  program: null,
}

const gateway: GatewayPlan = {
  instance: 1,
  wish: topology.gateway!,
  database: 'orochi',
  upstreams: [{ host: '127.0.0.1', port: 6001 }],
  shardHint: null,
  leaseStore: null,
  controlPlane: null,
  branches: [],
  user: 'orochi_app',
  password,
  pools: [{ user: 'orochi_own', role: 'tenant_user', tenant: 'tenant-b', password: 'own secret' }],
  certificate: { certificate: 'CERT', privateKey: 'KEY' },
  issuer: { issuer: 'https://issuer', audience: 'orochi', keyId: 'k1', publicKeyPem: 'PUB' },
  claims: { keyId: 'c1', key: Buffer.alloc(32, 1), cluster: 'local' },
  program: null,
}

const server = (wish: Partial<ServerPlan> = {}): ServerPlan => ({
  server: 0,
  replica: 0,
  topology,
  certificate: { certificate: 'CERT', privateKey: 'KEY' },
  primary: null,
  passwords: { superuser: 'super secret', replication: 'replica secret' },
  ...wish,
})

/** A file's text as the provider would lay it; throws if a placeholder has no value. */
function laid(launch: Launch, name: string): string {
  const ports = Object.fromEntries(Object.keys(launch.ports).map((port, i) => [port, 7000 + i]))
  const files = Object.fromEntries(launch.files.map((file) => [file.name, `/part/${file.name}`]))
  return fill(launch.files.find((file) => file.name === name)!.content, { dir: '/part', host: '127.0.0.1', ports, files })
}

test('the router is told its pool, servers and user', () => {
  expect(parse(laid(routerLaunch(pooler), 'router.yaml'))).toMatchObject({
    listen: { host: '127.0.0.1', port: 7000 },
    operations: { host: '127.0.0.1', port: 7001 },
    users: [
      { name: 'orochi_app', password },
      { name: 'orochi_own', password: 'own secret' },
    ],
    databases: [
      { name: 'orochi', shards: [{ servers: [{ role: 'primary', port: 5001, database: 'orochi_0' }] }, { servers: [{ port: 5002 }] }] },
    ],
    pool: { size: 7, connectTimeoutMs: 5_000, waitTimeoutMs: 5_000 },
  })
})

test('the gateway is told its upstream, issuer, rules and files', () => {
  expect(parse(laid(gatewayLaunch(gateway), 'gateway.yaml'))).toMatchObject({
    listen: { port: 7000 },
    operations: { port: 7001 },
    tls: { cert: '/part/tls.crt', key: '/part/tls.key' },
    upstream: { host: '127.0.0.1', port: 6001, database: 'orochi', tls: 'off' },
    roles: [
      { name: 'tenant_user', user: 'orochi_app', password },
      { name: 'tenant_user', user: 'orochi_own', password: 'own secret', tenants: ['tenant-b'] },
    ],
    issuers: [{ issuer: 'https://issuer', audience: 'orochi', keys: [{ id: 'k1', algorithm: 'RS256', publicKey: '/part/issuer.pem' }] }],
    tokens: { requiredClaims: ['exp', 'iss', 'sub', 'role', 'tenant_id'], leewaySeconds: 30, cache: { entries: 1000, ttlSeconds: 300 } },
    claims: { keyId: 'c1', key: Buffer.alloc(32, 1).toString('base64') },
  })
})

test('a gateway is told all poolers, which it takes in turn', () => {
  const upstreams = [6001, 6002].map((port) => ({ host: '127.0.0.1', port }))
  const document = parse(laid(gatewayLaunch({ ...gateway, upstreams }), 'gateway.yaml')) as { upstream: object }
  expect(document.upstream).toEqual({ addresses: upstreams, database: 'orochi', tls: 'off' })
})

test('a pooler that is to find the roles of servers is told none', () => {
  const shards = [
    ['primary', 'replica'].map((role, i) => ({ role: role as 'primary', host: '127.0.0.1', port: 5001 + i, database: 'orochi_0' })),
  ]
  const plan = { ...pooler, shards, wish: { ...pooler.wish, roles: 'found' as const } }
  expect(parse(laid(routerLaunch(plan), 'router.yaml'))).toMatchObject({
    databases: [{ shards: [{ servers: [{ role: 'auto' }, { role: 'auto' }] }] }],
  })
  expect(pgdogToml(plan).match(/role = "auto"/g)).toHaveLength(2)
  expect(pgdogToml(plan)).toContain('lsn_check_delay = 0')
})

test('a program of the topology runs in place of a reference part, and its version says so', () => {
  const launch = gatewayLaunch({ ...gateway, program: 'liars/some.ts' })
  expect(launch.process?.program).toEqual({ node: 'liars/some.ts' })
  expect(launch.version).toMatch(/^reference gateway \d+\.\d+\.\d+ with liars\/some\.ts$/)
})

test('PgDog is told the sharding keys, and how the database names their shard', () => {
  const toml = pgdogToml(pooler)
  expect(toml).toContain(
    '[[sharded_tables]]\ndatabase = "orochi"\nname = "tenants"\ncolumn = "tenant_id"\ndata_type = "varchar"\nlookup_query = ',
  )
  expect(toml).toContain('orochi.hash_value($1::text), 2)"\nlookup_result = "shard"\n')
  expect(toml).toContain('[rewrite]\nenabled = true\nsplit_inserts = "rewrite"\n')
  expect(toml).toContain('[[omnisharded_tables]]\ndatabase = "orochi"\ntables = ["countries"]\n')
  expect(pgdogToml({ ...pooler, sharding: { ...pooler.sharding, hash: 'own' } })).not.toContain('lookup')
  expect(pgdogToml({ ...pooler, shards: pooler.shards.slice(0, 1) })).not.toContain('sharded_tables')
})

test('PgDog is told about replicas only where there are some', () => {
  const replica = { role: 'replica', host: '127.0.0.1', port: 5003, database: 'orochi_0' } as const
  const toml = pgdogToml({
    ...pooler,
    shards: [[...pooler.shards[0]!, replica]],
    split: { reads: 'replicas', maxLagMs: 800, sticky: false },
  })
  expect(toml).toContain('read_write_split = "exclude_primary"\n')
  expect(toml).toContain('ban_replica_lag = 800\nban_timeout = 800\nlsn_check_delay = 0\nlsn_check_interval = 200\n')
  expect(pgdogToml(pooler)).not.toContain('read_write_split')
})

test('PgDog gets one database entry for each server of each shard, and settings find their tables', () => {
  const settings = {
    read_write_split: 'exclude_primary',
    sharded_tables: [{ name: 'orders', column: 'tenant_id' }],
    rewrite: { enabled: true },
  }
  const toml = pgdogToml({ ...pooler, wish: { ...pooler.wish, settings } })
  expect(toml.match(/^\[\[databases\]\]$/gm)).toHaveLength(2)
  expect(toml).toContain('default_pool_size = 7\n')
  expect(toml).toContain('read_write_split = "exclude_primary"\n')
  expect(toml).toContain('[[sharded_tables]]\nname = "orders"\ncolumn = "tenant_id"\n')
  expect(toml).toContain('[rewrite]\nenabled = true\n')
  expect(toml).not.toContain(password)
  expect(usersToml(pooler)).toContain(`password = ${JSON.stringify(password)}\n`)
})

test('settings of the topology lie over the harness’s own, quotes doubled', () => {
  const settings = { max_connections: '50', 'orochi.note': "it's" }
  const conf = laid(postgresLaunch(server({ topology: defaultTopology({ postgres: { settings } }) })), 'postgresql.conf')
  expect(conf).toContain(`max_connections = '50'\n`)
  expect(conf).toContain(`orochi.note = 'it''s'\n`)
  expect(conf).toContain(`max_prepared_transactions = '100'\n`)
  expect(conf.match(/^max_connections/gm)).toHaveLength(1)
})

test('a replica is a standby with a slot of its own', () => {
  const launch = postgresLaunch(server({ replica: 2, primary: { host: '127.0.0.1', port: 5001 } }))
  expect(launch.name).toBe('postgres-0-replica-2')
  expect(launch.files.map(({ name }) => name)).toContain('data/standby.signal')
  expect(laid(launch, 'postgresql.conf')).toMatch(
    /primary_conninfo = 'host=127\.0\.0\.1 port=5001 user=orochi_replica password=replica secret application_name=replica_2'/,
  )
  expect(launch.process?.prepared?.finish).toEqual([])
})

test('secrets stand in files for the part’s eyes only, and never in arguments or what is kept', () => {
  const launches = [routerLaunch(pooler), gatewayLaunch(gateway), postgresLaunch(server())]
  const secrets = ['quoted', 'super secret', 'replica secret', 'KEY', Buffer.alloc(32, 1).toString('base64')]
  for (const launch of launches) {
    const open = launch.files.filter(({ mode }) => (mode & 0o077) !== 0).map(({ content }) => content)
    const { argv, prepared } = launch.process!
    const seen = JSON.stringify([open, argv, launch.env, prepared?.key, prepared?.make, prepared?.finish.map((step) => step.argv)])
    for (const secret of secrets) expect(seen).not.toContain(secret)
  }
})

test('branches are databases of their own to the pooler, and places to the gateway', () => {
  const shards = pooler.shards.slice(0, 1)
  const plan: PoolerPlan = { ...pooler, shards, branches: { 'orochi_x-1': [{ ...shards[0]![0]!, database: 'orochi_0_x-1' }] } }
  expect(parse(laid(routerLaunch(plan), 'router.yaml'))).toMatchObject({
    databases: [{ name: 'orochi' }, { name: 'orochi_x-1', shards: [{ servers: [{ port: 5001, database: 'orochi_0_x-1' }] }] }],
  })
  expect(pgdogToml(plan)).toMatch(/name = "orochi_x-1"\n[^[]*database_name = "orochi_0_x-1"/)
  expect(usersToml(plan).match(/database = "orochi_x-1"/g)).toHaveLength(2)
  const document = parse(laid(gatewayLaunch({ ...gateway, branches: ['x-1'] }), 'gateway.yaml')) as Record<string, object>
  expect(document).toMatchObject({
    routing: { suffix: 'db.orochi.test', clusters: [{ name: 'local', branches: [{ name: 'main', port: 6001 }, { name: 'x-1', database: 'orochi_x-1' }] }] }, // prettier-ignore
  })
  expect(document).not.toHaveProperty('upstream')
  expect(document['claims']).not.toHaveProperty('cluster')
})
