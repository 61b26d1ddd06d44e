/** Raises the whole system from a Topology: servers, set-up, links, poolers, gateways; undone in reverse order. */
import { digestSources, partSources } from '../spec/sources.ts'
import { raiseForeign, refuseSpecialWishes } from './foreign/raise.ts'
import { gatewayDefault } from './wish.ts'
import { standbyNames } from './components/failover.ts'
import { gatewayLaunch } from './components/gateway.ts'
import { pgdogLaunch } from './components/pgdog.ts'
import { poolerName, type PoolerPlan, type ShardServer } from './components/pooler.ts'
import { postgresLaunch, replicationName, serverName, superuser } from './components/postgres.ts'
import { routerLaunch } from './components/router.ts'
import { appUser, awaitReplica, databaseOf, setUpServer, withClient } from './components/set-up.ts'
import { asHarnessError } from './harness-error.ts'
import { raiseControlPlane, type RaisedPlane } from './control-plane/raise.ts'
import { versionsOf } from './inspect.ts'
import type { Address, Running } from './launch.ts'
import { branchDatabase, clientDatabase, hostNames, mainPort, pooledBranch, serverOf } from './layout.ts'
import { openLedger } from './ledger.ts'
import { composeStack } from './running-stack.ts'
import { openSite, type Site } from './site.ts'
import type { Login, Stack } from './stack.ts'
import type { Topology } from './topology.ts'
import { setWatchdog } from './watchdog.ts'

export interface RaiseOptions {
  /** The run this stack belongs to. */
  readonly run: string
  readonly provider: 'embedded' | 'docker'
  readonly signal: AbortSignal
}

/** Returns once every part serves; whatever was started before a failure is gone again when it throws. */
export async function raise(topology: Topology, { run, provider, signal }: RaiseOptions): Promise<Stack> {
  const ledger = openLedger(run, 'worker')
  setWatchdog(run)
  await using scope = new AsyncDisposableStack()
  try {
    refuseSpecialWishes(topology, gatewayDefault)
    const site = await openSite({ topology, provider, ledger, signal }, scope)
    await openPaths(site)
    const servers = raiseServers(site)
    const poolers = servers.then(() => raisePoolers(site))
    const foreign = topology.gateway?.foreign
    // Its commands act on processes.
    const plane = topology.controlPlane === null || provider === 'docker' ? null : raisePlane(site, servers, poolers)
    const gateways = foreign === undefined ? raiseGateways(site, plane) : poolers.then(() => raiseForeign(site, foreign))
    const planes = plane?.then(({ part }) => [part]) ?? Promise.resolve([])
    const parts = (await site.all([servers, poolers, planes, gateways])).flat()
    const told = {
      versions: await versionsOf(parts, topology, site.secrets),
      sources: digestSources([...partSources, 'fixtures', ...Object.values(topology.programs)]),
    }
    const owned = scope.move()
    return composeStack({
      ...site,
      ...told,
      provider,
      parts,
      plane: await plane,
      links: site.paths.links,
      dispose: () => owned.disposeAsync(),
    })
  } catch (error) {
    throw asHarnessError(error, 'stack-did-not-rise')
  }
}

/** Of the Link over which gateways reach what they share. */
const leaseStorePath = 'lease-store'

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, index) => index + from)

/** A path to each server and pooler, and one from each replica (which the first primary may become) to its primary. */
async function openPaths({ topology, paths }: Site): Promise<void> {
  for (const server of numbers(topology.servers)) {
    for (const replica of numbers(topology.replicas + 1)) await paths.open(serverName(server, replica))
    if (topology.replicas > 0)
      for (const replica of numbers(topology.replicas + 1)) await paths.open(serverName(server, 0), replicationName(server, replica))
  }
  if (topology.gateway?.leaseStore === true) await paths.open(serverName(0, 0), leaseStorePath)
  for (const instance of numbers(topology.pooler?.instances ?? 0)) await paths.open(poolerName(instance))
}

async function raiseServers(site: Site): Promise<readonly Running[]> {
  return (await site.all(numbers(site.topology.servers).map((server) => raiseServer(site, server)))).flat()
}

async function raiseServer(site: Site, server: number): Promise<readonly Running[]> {
  const { topology, secrets } = site
  const common = {
    server,
    topology,
    certificate: await secrets.authority.issue(),
    passwords: { superuser: secrets.superuserPassword, replication: secrets.replicationPassword },
  }
  const primary = await site.start(postgresLaunch({ ...common, replica: 0, primary: null }))
  await setUpServer(adminOf(primary, site), {
    ...secrets,
    shards: topology.shards,
    here: numbers(topology.shards).filter((shard) => serverOf(shard, topology) === server),
    branches: server === serverOf(0, topology) ? topology.branches : [],
    replicas: topology.replicas,
    pools: topology.pools.map(({ user }) => user),
    leases: server === 0 && topology.gateway?.leaseStore === true ? { password: secrets.leasePassword } : null,
    program: topology.programs.sql ?? null,
  })
  const raiseReplica = async (replica: number) => {
    const path = await site.paths.to(replicationName(server, replica))
    const standby = await site.start(postgresLaunch({ ...common, replica, primary: path }))
    await awaitReplica(adminOf(primary, site), adminOf(standby, site), replica, site.signal)
    return standby
  }
  const replicas = await site.all(numbers(topology.replicas, 1).map(raiseReplica))
  await waitForReplicas(adminOf(primary, site), topology)
  return [primary, ...replicas]
}

/** Only from now on: the set-up was made before there were replicas to wait for. */
async function waitForReplicas(admin: Login, { postgres, replicas }: Topology): Promise<void> {
  if (postgres.synchronous === 0) return
  const names = standbyNames(postgres.synchronous, numbers(replicas, 1))
  await withClient(admin, async (client) => {
    await client.query(`alter system set synchronous_standby_names = '${names}'`)
    await client.query('select pg_reload_conf()')
  })
}

function adminOf(part: Running, { secrets }: Site): Login {
  return { ...mainPort(part), user: superuser, password: secrets.superuserPassword, database: 'postgres' }
}

async function raisePoolers(site: Site): Promise<readonly Running[]> {
  const { topology, secrets } = site
  const wish = topology.pooler
  if (wish === null) return []
  const shards = await Promise.all(numbers(topology.shards).map((shard) => serversOf(site, shard, databaseOf(shard))))
  const branches = topology.branches.map(
    async (branch) => [pooledBranch(branch), await serversOf(site, 0, branchDatabase(branch))] as const,
  )
  const ofBranches = Object.fromEntries(await Promise.all(branches))
  return site.all(
    numbers(wish.instances).map((instance) => {
      const plan: PoolerPlan = {
        instance,
        wish,
        database: clientDatabase,
        shards,
        branches: ofBranches,
        sharding: topology.sharding,
        split: topology.split,
        user: appUser,
        password: secrets.appPassword,
        further: topology.pools.map((pool) => ({ ...pool, password: secrets.poolPassword })),
        adminPassword: secrets.adminPassword,
        ca: secrets.authority.ca,
        program: topology.programs.router ?? null,
      }
      return site.start(wish.kind === 'pgdog' ? pgdogLaunch(plan) : routerLaunch(plan))
    }),
  )
}

function serversOf({ topology, paths }: Site, shard: number, database: string): Promise<ShardServer[]> {
  return Promise.all(
    numbers(topology.replicas + 1).map(async (replica) => ({
      role: replica === 0 ? ('primary' as const) : ('replica' as const),
      database,
      ...(await paths.to(serverName(serverOf(shard, topology), replica))),
    })),
  )
}

/** It looks after what runs. */
async function raisePlane(site: Site, servers: Promise<readonly Running[]>, poolers: Promise<readonly Running[]>): Promise<RaisedPlane> {
  return await raiseControlPlane(site, await servers, await poolers)
}

async function raiseGateways(site: Site, plane: Promise<RaisedPlane> | null): Promise<readonly Running[]> {
  const { topology, secrets } = site
  const wish = topology.gateway
  if (wish === null) return []
  return site.all(
    numbers(wish.instances).map(async (instance) =>
      site.start(
        gatewayLaunch({
          instance,
          wish,
          database: clientDatabase,
          upstreams: await poolersOf(site, instance),
          user: appUser,
          password: secrets.appPassword,
          pools: topology.pools.map((pool) => ({ ...pool, password: secrets.poolPassword })),
          branches: topology.branches,
          certificate: await secrets.authority.issue(topology.branches.length === 0 ? {} : { names: hostNames(topology.branches) }),
          issuer: { ...secrets.issuer, publicKeyPem: secrets.keys.publicKeyPem },
          claims: secrets.claims,
          controlPlane: plane === null ? null : wakesBy(await plane, site),
          leaseStore: wish.leaseStore ? { ...(await site.paths.to(leaseStorePath)), password: secrets.leasePassword } : null,
          shardHint: wantsShardHint(topology) ? topology.shards : null,
          program: topology.programs.gateway ?? null,
        }),
      ),
    ),
  )
}

const wakesBy = ({ base }: RaisedPlane, { secrets, topology }: Site) => ({
  base,
  token: secrets.planeToken,
  deadlineMs: topology.controlPlane?.wakeDeadlineMs ?? 0,
})

/** Each gateway begins with another one. */
async function poolersOf({ topology, paths }: Site, gateway: number): Promise<readonly Address[]> {
  const count = topology.pooler?.instances ?? 1
  return Promise.all(numbers(count).map((index) => paths.to(poolerName((gateway + index) % count))))
}

/** The reference router finds the key in the session's own parameters. */
function wantsShardHint({ shards, sharding, pooler }: Topology): boolean {
  return shards > 1 && sharding.keyFrom === 'token' && pooler?.kind === 'pgdog'
}
