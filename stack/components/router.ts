/** The reference router as a part: its YAML from the topology. */
import { stringify } from 'yaml'
import type { PoolerWish } from '../topology.ts'
import type { Launch } from '../launch.ts'
import { referenceVersion } from './reference.ts'
import { poolerName, roleIn, type FurtherUser, type PoolerPlan } from './pooler.ts'

const program = 'reference/router/bin.ts'

export function routerLaunch(plan: PoolerPlan): Launch {
  return {
    name: poolerName(plan.instance),
    kind: 'pooler',
    version: referenceVersion('router', plan.program),
    process: {
      program: { node: plan.program ?? program },
      argv: ['--config', '{file:router.yaml}'],
      prepared: null,
      unprivileged: false,
      sign: null,
    },
    container: {
      image: 'node',
      command: { node: plan.program ?? program, argv: ['--config', '{file:router.yaml}'] },
      user: '0:0',
      shared: null,
    },
    env: {},
    files: [
      { name: 'router.yaml', content: routerYaml(plan), mode: 0o600 },
      ...(plan.wish.verifyServers ? [{ name: 'servers.pem', content: plan.ca, mode: 0o644 }] : []),
    ],
    ports: { main: 6432, operations: 9090 },
    ready: { kind: 'http', port: 'operations', path: '/ready' },
    startLimit: 'part-start',
    stop: { signal: 'SIGTERM', graceMs: 5_000 },
    clock: false,
    offers: ['pooler', 'pooler-admin'],
  }
}

/** Ports are placeholders, which YAML would quote: they are put in after it is written. */
function routerYaml(plan: PoolerPlan): string {
  const { wish, branches, user, password, further: others } = plan
  const { mode, minPoolSize, idleTimeoutMs } = wish
  const { size: _, sharding = {}, split = {}, ...further } = wish.settings as Record<string, unknown>
  const document = {
    listen: { host: '{host}', port: 0 },
    operations: { host: '{host}', port: 1 },
    users: [{ user, password }, ...others].map((one) => userOf(one, wish)),
    databases: [
      databaseOf(plan, { sharding, split }),
      ...Object.entries(branches).map(([name, servers]) => ({ name, shards: shardsOf([servers], wish) })),
    ],
    pool: {
      mode,
      size: wish.poolSize,
      minSize: minPoolSize,
      idleTimeoutMs,
      connectTimeoutMs: wish.connectTimeoutMs,
      waitTimeoutMs: wish.waitTimeoutMs,
      answerTimeoutMs: wish.answerTimeoutMs,
    },
    admin: { password: plan.adminPassword },
    ...(plan.sharding.twoPhaseCommit ? { twoPhase: { dir: '{dir}/2pc' } } : {}),
    log: { level: 'info' },
    ...further,
  }
  return stringify(document, { lineWidth: 0 })
    .replace('port: 0', 'port: {port:main}')
    .replace('port: 1', 'port: {port:operations}')
    .replaceAll('"{host}"', '127.0.0.1')
}

function userOf({ user, password, poolSize, mode, twoPhaseCommit }: FurtherUser, { minPoolSize }: PoolerWish): unknown {
  const own = poolSize === undefined ? {} : { size: poolSize, minSize: Math.min(minPoolSize, poolSize) }
  const pool = { ...own, ...(mode === undefined ? {} : { mode }) }
  return {
    name: user,
    password,
    ...(Object.keys(pool).length > 0 ? { pool } : {}),
    ...(twoPhaseCommit === undefined ? {} : { twoPhaseCommit }),
  }
}

/** `further`: settings of the wish for these two sections, laid over what the topology says. */
function databaseOf(plan: PoolerPlan, further: Readonly<Record<'sharding' | 'split', unknown>>): unknown {
  const { shards, database, sharding, split } = plan
  const { tables, reference, keyFrom, twoPhaseCommit } = sharding
  // Its own hash is that of Orochi.
  const keys = { hash: 'orochi', tables, reference, ...(keyFrom === 'token' ? { keyParameter: 'orochi.tenant_id' } : {}), twoPhaseCommit }
  return {
    name: database,
    shards: shardsOf(shards, plan.wish),
    ...(shards.length > 1 ? { sharding: { ...keys, ...(further.sharding as object) } } : {}),
    ...(shards.some((servers) => servers.length > 1) ? { split: { ...split, ...(further.split as object) } } : {}),
  }
}

const shardsOf = (shards: PoolerPlan['shards'], wish: PoolerPlan['wish']): unknown =>
  shards.map((servers) => ({
    servers: servers.map(({ role, host, port, database }) => ({
      role: roleIn(wish, role),
      host,
      port,
      database,
      ...(wish.verifyServers ? { tls: { ca: '{file:servers.pem}' } } : {}),
    })),
  }))
