/** The reference router as a part: its YAML from the topology. */
import { stringify } from 'yaml'
import type { Launch } from '../launch.ts'
import { referenceVersion } from './reference.ts'
import { poolerName, type PoolerPlan } from './pooler.ts'

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
    files: [{ name: 'router.yaml', content: routerYaml(plan), mode: 0o600 }],
    ports: { main: 6432, operations: 9090 },
    ready: { kind: 'http', port: 'operations', path: '/ready' },
    startLimit: 'part-start',
    stop: { signal: 'SIGTERM', graceMs: 5_000 },
    clock: false,
    offers: ['pooler', 'pooler-admin'],
  }
}

/** Ports are placeholders, which YAML would quote: they are put in after it is written. */
function routerYaml({ wish, shards, branches, database, user, password, further: others }: PoolerPlan): string {
  const { size: _, ...further } = wish.settings as Record<string, unknown>
  const document = {
    listen: { host: '{host}', port: 0 },
    operations: { host: '{host}', port: 1 },
    users: [{ user, password }, ...others].map((one) => ({ name: one.user, password: one.password })),
    databases: [[database, shards] as const, ...Object.entries(branches).map(([name, servers]) => [name, [servers]] as const)].map(
      ([name, of]) => ({
        name,
        shards: of.map((servers) => ({
          servers: servers.map(({ role, host, port, database: at }) => ({ role, host, port, database: at })),
        })),
      }),
    ),
    pool: { size: wish.poolSize, connectTimeoutMs: wish.connectTimeoutMs, waitTimeoutMs: wish.waitTimeoutMs },
    log: { level: 'info' },
    ...further,
  }
  return stringify(document, { lineWidth: 0 })
    .replace('port: 0', 'port: {port:main}')
    .replace('port: 1', 'port: {port:operations}')
    .replaceAll('"{host}"', '127.0.0.1')
}
