/** From wishes to a whole Topology: the default with wishes laid over it, checked, and told in one stable line. */
import { foreignText } from './foreign/foreign-gateway.ts'
import { HarnessError } from './harness-error.ts'
import { findPgdog } from './components/pgdog-binary.ts'
import type {
  ControlPlaneWish,
  GatewayWish,
  PoolerWish,
  PoolWish,
  PostgresWish,
  ShardingWish,
  SplitWish,
  Topology,
  TopologyWish,
} from './topology.ts'

const postgresDefault: PostgresWish = { version: 18, settings: {}, synchronous: 0, diskMb: null }

/** The sample tables of fixtures/sql. */
const shardingDefault: ShardingWish = {
  hash: 'orochi',
  tables: [
    { name: 'tenants', column: 'tenant_id', type: 'text' },
    { name: 'orders', column: 'tenant_id', type: 'text' },
    { name: 'items', column: 'item_id', type: 'int8' },
    { name: 'item_lines', column: 'item_id', type: 'int8' },
    ...(['int2', 'int4', 'int8', 'text', 'uuid'] as const).map((type) => ({ name: `keys_${type}`, column: 'key', type })),
  ],
  reference: ['countries'],
  keyFrom: 'statement',
  splitInserts: true,
  twoPhaseCommit: false,
}

const splitDefault: SplitWish = { reads: 'replicas', maxLagMs: null, sticky: false }

export const gatewayDefault: GatewayWish = {
  instances: 1,
  cacheEntries: 1000,
  cacheTtlSeconds: 300,
  leewaySeconds: 30,
  requiredClaims: ['exp', 'iss', 'sub', 'role', 'tenant_id'],
  leaseStore: false,
  settings: {},
  files: {},
}

/** PgDog where it is found: it is the system under test. */
function poolerDefault(): PoolerWish {
  const kind = findPgdog() === null ? 'router' : 'pgdog'
  return {
    kind,
    instances: 1,
    mode: 'transaction',
    poolSize: 5,
    minPoolSize: 0,
    idleTimeoutMs: 60_000,
    connectTimeoutMs: 5_000,
    waitTimeoutMs: 5_000,
    answerTimeoutMs: 0,
    verifyServers: false,
    roles: 'told',
    settings: {},
  }
}

/** The default with wishes laid over it, the later over the earlier; throws `bad-topology` on what cannot be. */
export function defaultTopology(...wishes: readonly TopologyWish[]): Topology {
  const start: Topology = {
    shards: 1,
    servers: 0,
    branches: [],
    replicas: 0,
    postgres: postgresDefault,
    sharding: shardingDefault,
    split: splitDefault,
    pooler: poolerDefault(),
    pools: [],
    gateway: gatewayDefault,
    controlPlane: null,
    links: 'recorded',
    programs: {},
  }
  const whole = wishes.reduce<Topology>((topology, wish) => lay(wish, topology), start)
  return check({ ...whole, servers: whole.servers === 0 ? whole.shards : whole.servers })
}

function lay(wish: TopologyWish, under: Topology): Topology {
  return {
    ...under,
    ...withoutUndefined(wish),
    postgres: { ...under.postgres, ...wish.postgres },
    sharding: { ...under.sharding, ...withoutUndefined(wish.sharding ?? {}) },
    split: { ...under.split, ...withoutUndefined(wish.split ?? {}) },
    pooler: layPart(wish.pooler, under.pooler, poolerDefault),
    gateway: layPart(wish.gateway, under.gateway, () => gatewayDefault),
    controlPlane: wish.controlPlane === null ? null : layPlane(wish.controlPlane, under.controlPlane),
    programs: { ...under.programs, ...wish.programs },
  } as Topology
}

/** A part that a wish takes away stays away until a later one asks for it. */
function layPart<T extends object>(wish: Partial<T> | null | undefined, under: T | null, usual: () => T): T | null {
  if (wish === undefined) return under
  return wish === null ? null : { ...(under ?? usual()), ...withoutUndefined(wish) }
}

const planeDefault: ControlPlaneWish = { wakeDeadlineMs: 60_000 }

function layPlane(wish: Partial<ControlPlaneWish> | undefined, under: ControlPlaneWish | null): ControlPlaneWish | null {
  return wish === undefined ? under : { ...(under ?? planeDefault), ...wish }
}

function withoutUndefined<T extends object>(record: T): Partial<T> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Partial<T>
}

function check(topology: Topology): Topology {
  const whole = (name: string, value: number, least: number, most: number) => {
    if (!Number.isInteger(value) || value < least || value > most)
      throw new HarnessError('bad-topology', `${name} is ${value}: it must be a whole number from ${least} to ${most}`)
  }
  whole('shards', topology.shards, 1, 64)
  whole('servers', topology.servers, 1, topology.shards)
  whole('replicas', topology.replicas, 0, 8)
  whole('postgres.synchronous', topology.postgres.synchronous, 0, topology.replicas)
  if (topology.postgres.diskMb !== null) whole('postgres.diskMb', topology.postgres.diskMb, 64, 4096)
  if (topology.pooler !== null) whole('pooler.instances', topology.pooler.instances, 1, 8)
  if (topology.pooler !== null) whole('pooler.poolSize', topology.pooler.poolSize, 1, 1000)
  if (topology.pooler !== null) whole('pooler.minPoolSize', topology.pooler.minPoolSize, 0, topology.pooler.poolSize)
  if (topology.gateway !== null) whole('gateway.instances', topology.gateway.instances, 1, 8)
  if (topology.gateway !== null && topology.pooler === null) throw new HarnessError('bad-topology', 'a gateway needs a pooler behind it')
  if (topology.branches.length > 0 && topology.shards > 1)
    throw new HarnessError('bad-topology', 'branches are for a topology of one shard')
  return topology
}

/** The topology in one line that names every wish apart from the default's; equal topologies give equal lines. */
export function topologyText(topology: Topology): string {
  const { shards, servers, branches, replicas, postgres, sharding, split, pooler, pools, gateway, links, programs } = topology
  const parts = [
    `shards=${shards}`,
    `servers=${servers}`,
    `replicas=${replicas}`,
    `postgres=${postgres.version}${settingsText(postgres.settings)}`,
  ]
  if (postgres.synchronous > 0) parts.push(`synchronous=${postgres.synchronous}`)
  if (postgres.diskMb !== null) parts.push(`disk=${postgres.diskMb}MB`)
  if (branches.length > 0) parts.push(`branches=${branches.join('+')}`)
  if (shards > 1) parts.push(shardingText(sharding))
  if (replicas > 0)
    parts.push(`reads=${split.reads}`, ...(split.maxLagMs === null ? [] : [`lag=${split.maxLagMs}ms`]), ...(split.sticky ? ['sticky'] : []))
  if (pooler !== null)
    parts.push(
      `pooler=${pooler.kind}×${pooler.instances}`,
      ...(pooler.mode === 'transaction' ? [] : [`mode=${pooler.mode}`]),
      `pool=${pooler.poolSize}`,
      ...(pooler.minPoolSize === 0 ? [] : [`least=${pooler.minPoolSize}`]),
      ...(pooler.idleTimeoutMs === 60_000 ? [] : [`idle=${pooler.idleTimeoutMs}ms`]),
      `connect=${pooler.connectTimeoutMs}ms`,
      `wait=${pooler.waitTimeoutMs}ms${settingsText(pooler.settings)}`,
      ...(pooler.answerTimeoutMs === 0 ? [] : [`answer=${pooler.answerTimeoutMs}ms`]),
      ...(pooler.verifyServers ? ['verified-servers'] : []),
      ...(pooler.roles === 'found' ? ['roles-found'] : []),
    )
  if (pools.length > 0) parts.push(`pools=${pools.map(poolText).join('+')}`)
  if (gateway !== null)
    parts.push(
      `gateway=${gateway.foreign === undefined ? gateway.instances : `{${foreignText(gateway.foreign)}}`}`,
      `cache=${gateway.cacheEntries}/${gateway.cacheTtlSeconds}s`,
      `leeway=${gateway.leewaySeconds}s`,
      `claims=${gateway.requiredClaims.join('+')}${settingsText(gateway.settings)}`,
      ...(gateway.leaseStore ? ['leases'] : []),
      ...Object.keys(gateway.files).map((name) => `file=${name}`),
    )
  if (topology.controlPlane !== null) parts.push(`control-plane=${topology.controlPlane.wakeDeadlineMs}ms`)
  parts.push(`links=${links}`)
  return [...parts, ...Object.entries(programs).map(([part, program]) => `${part}:${program}`)].join(' ')
}

function poolText({ user, role, tenant, poolSize, mode, twoPhaseCommit }: PoolWish): string {
  const own = [poolSize, mode, twoPhaseCommit === undefined ? undefined : `2pc=${twoPhaseCommit}`].filter((one) => one !== undefined)
  return [`${user}:${role}${tenant === undefined ? '' : `@${tenant}`}`, ...own].join('/')
}

function shardingText({ hash, tables, reference, keyFrom, splitInserts, twoPhaseCommit }: ShardingWish): string {
  const keys = tables.map(({ name, column, type }) => `${name}.${column}:${type}`)
  return [
    `hash=${hash}`,
    `sharded=${keys.join('+')}`,
    `reference=${reference.join('+')}`,
    ...(keyFrom === 'token' ? ['key-from-token'] : []),
    ...(splitInserts ? [] : ['as-it-comes']),
    ...(twoPhaseCommit ? ['2pc'] : []),
  ].join(' ')
}

function settingsText(settings: Readonly<Record<string, unknown>>): string {
  const text = Object.keys(settings)
    .toSorted()
    .map((key) => `${key}=${JSON.stringify(settings[key])}`)
  return text.length === 0 ? '' : `{${text.join(',')}}`
}
