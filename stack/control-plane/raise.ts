/** Raises the control plane of a stack, with the stack as its one cluster, and waits until it calls that cluster awake. */
import { mint } from '../../fixtures/tokens.ts'
import { controlPlaneLaunch } from '../components/control-plane.ts'
import { adminDatabase, adminUser } from '../components/pgdog.ts'
import { superuser } from '../components/postgres.ts'
import { appUser, databaseOf } from '../components/set-up.ts'
import { HarnessError } from '../harness-error.ts'
import type { Running } from '../launch.ts'
import { clientDatabase, mainPort, portOf, serverOf } from '../layout.ts'
import { limitMs } from '../limits.ts'
import { awaitReady } from '../ready.ts'
import type { Site } from '../site.ts'
import { openPlatform, type OwnedPlatform } from './platform.ts'

export interface RaisedPlane {
  readonly part: Running
  readonly base: string
  readonly platform: OwnedPlatform
}

/** `servers` and `poolers` run. */
export async function raiseControlPlane(site: Site, servers: readonly Running[], poolers: readonly Running[]): Promise<RaisedPlane> {
  const { secrets, topology } = site
  const platform = await openPlatform(() => [...servers, ...poolers])
  site.own(platform)
  const part = await site.start(
    controlPlaneLaunch({
      issuer: { ...secrets.issuer, publicKeyPem: secrets.keys.publicKeyPem },
      credential: secrets.planeToken,
      servers: serverUrls(site, servers),
      poolers: poolers.map((pooler) => poolerOf(pooler, site)),
      platform,
      program: topology.programs['control-plane'] ?? null,
    }),
  )
  const { host, port } = mainPort(part)
  const plane = { part, base: `http://${host}:${port}`, platform }
  await createCluster(plane, site)
  return plane
}

/** Each server by its first shard. */
function serverUrls({ topology, secrets }: Site, servers: readonly Running[]): string[] {
  const primaries = servers.filter(({ name }) => !name.includes('replica'))
  return primaries.map((part, server) => {
    const shard =
      Array.from({ length: topology.shards }, (_, number) => number).find((number) => serverOf(number, topology) === server) ?? 0
    return urlOf(part, superuser, secrets.superuserPassword, databaseOf(shard))
  })
}

function poolerOf(pooler: Running, { secrets, topology }: Site) {
  const isPgdog = topology.pooler?.kind === 'pgdog'
  const { host, port } = portOf(pooler, isPgdog ? 'metrics' : 'operations')
  return {
    name: pooler.name,
    url: urlOf(pooler, appUser, secrets.appPassword, clientDatabase),
    metrics: `http://${host}:${port}/metrics`,
    admin: urlOf(pooler, adminUser, secrets.adminPassword, adminDatabase),
  }
}

function urlOf(part: Running, user: string, password: string, database: string): string {
  const { host, port } = mainPort(part)
  return `postgres://${user}:${password}@${host}:${port}/${database}`
}

async function createCluster({ base }: RaisedPlane, { secrets, topology, signal }: Site): Promise<void> {
  const token = await mint(
    { ...secrets.issuer, privateKeyPem: secrets.keys.privateKeyPem },
    { claims: { permissions: ['clusters:admin'] }, ttlSeconds: 600 },
  )
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const id = secrets.claims.cluster
  const spec = { database: clientDatabase, pooler: { default_shard_count: topology.shards, sharding_enabled: topology.shards > 1 } }
  const created = await fetch(`${base}/api/v1/clusters`, { method: 'POST', headers, signal, body: JSON.stringify({ id, spec }) })
  if (created.status !== 201)
    throw new HarnessError('stack-did-not-rise', `the control plane does not take the cluster: ${created.status} ${await created.text()}`)
  const probe = async () => {
    const status = (await (await fetch(`${base}/api/v1/clusters/${id}/status`, { headers, signal })).json()) as { is_ready: boolean }
    return status.is_ready
  }
  await awaitReady({ what: `cluster ${id}`, limitMs: limitMs('part-start'), probe, hopeless: () => null }, signal)
}
