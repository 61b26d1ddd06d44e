/** Raises the whole system from a Topology: servers, set-up, links, poolers, gateways; undone in reverse order. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestSources, partSources } from '../spec/sources.ts'
import { pgdogLaunch } from './components/pgdog.ts'
import type { PoolerPlan, ShardServer } from './components/pooler.ts'
import { gatewayLaunch } from './components/gateway.ts'
import { postgresLaunch, serverName } from './components/postgres.ts'
import { routerLaunch } from './components/router.ts'
import { appUser, databaseOf, setUpServer } from './components/set-up.ts'
import { HarnessError } from './harness-error.ts'
import type { Address, Launch, Provider, Running } from './launch.ts'
import { clientDatabase, mainPort, serverOf } from './layout.ts'
import { openLedger, type Ledger } from './ledger.ts'
import { openLink, type OwnedLink } from './links/open-link.ts'
import { providerOf } from './providers/provider.ts'
import { composeStack } from './running-stack.ts'
import { makeSecrets, type StackSecrets } from './secrets.ts'
import type { Stack } from './stack.ts'
import type { Topology } from './topology.ts'
import { setWatchdog } from './watchdog.ts'

export interface RaiseOptions {
  /** The run this stack belongs to. */
  readonly run: string
  readonly provider: 'embedded' | 'docker'
  readonly signal: AbortSignal
}

/** Runs with a watchdog of their own already. */
const watched = new Set<string>()

/** Returns once every part serves; whatever was started before a failure is gone again when it throws. */
export async function raise(topology: Topology, { run, provider: providerName, signal }: RaiseOptions): Promise<Stack> {
  const ledger = openLedger(run, 'worker')
  if (!watched.has(run) && process.env['OROCHI_WATCHED'] !== run) setWatchdog(run)
  watched.add(run)
  await using scope = new AsyncDisposableStack()
  const id = randomBytes(4).toString('hex')
  const dir = layStackFolder(ledger, id, scope)
  const provider = scope.use(await providerOf(providerName, ledger, dir))
  const site: Site = {
    topology,
    provider,
    dir,
    scope,
    signal,
    secrets: await makeSecrets(),
    start: (launch) => startIn(scope, provider, launch, signal),
  }
  const servers = await raiseServers(site)
  const serverLinks = await linkAll(site, servers)
  const poolers = await raisePoolers(site, serverLinks)
  const poolerLinks = await linkAll(site, poolers)
  const gateways = await raiseGateways(site, poolerLinks)
  const owned = scope.move()
  return composeStack({
    id,
    dir,
    topology,
    provider: providerName,
    parts: [...servers, ...poolers, ...gateways],
    links: [...serverLinks, ...poolerLinks].flatMap((reached) => reached.link ?? []),
    secrets: site.secrets,
    sources: digestSources([...partSources, 'fixtures']),
    dispose: () => owned.disposeAsync(),
  })
}

interface Site {
  readonly topology: Topology
  readonly provider: Provider
  readonly dir: string
  readonly scope: AsyncDisposableStack
  readonly signal: AbortSignal
  readonly secrets: StackSecrets
  start(launch: Launch): Promise<Running>
}

/** A part and where its peers reach it: through a Link, or directly. */
interface Reached {
  readonly part: Running
  readonly link: OwnedLink | null
  readonly address: Address
}

function layStackFolder(ledger: Ledger, id: string, scope: AsyncDisposableStack): string {
  const dir = join(ledger.dir, 'stacks', id)
  ledger.note({ kind: 'folder', owner: process.pid, path: dir })
  mkdirSync(join(ledger.dir, 'stacks'), { recursive: true, mode: 0o711 })
  mkdirSync(dir, { recursive: true, mode: 0o711 })
  scope.defer(() => rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }))
  return dir
}

async function startIn(scope: AsyncDisposableStack, provider: Provider, launch: Launch, signal: AbortSignal): Promise<Running> {
  return scope.use(await provider.start(launch, signal))
}

async function raiseServers(site: Site): Promise<readonly Running[]> {
  const numbers = Array.from({ length: site.topology.servers }, (_, server) => server)
  return (await settled(numbers.map((server) => raiseServer(site, server)))).flat()
}

async function raiseServer(site: Site, server: number): Promise<readonly Running[]> {
  const { topology, secrets } = site
  const certificate = await secrets.authority.issue()
  const primary = await site.start(postgresLaunch({ server, replica: 0, topology, certificate, primary: null }))
  const here = Array.from({ length: topology.shards }, (_, shard) => shard).filter((shard) => serverOf(shard, topology) === server)
  const admin = { ...mainPort(primary), user: 'postgres', password: secrets.superuserPassword, database: 'postgres' }
  await setUpServer(admin, {
    shards: topology.shards,
    here,
    replicas: topology.replicas,
    appPassword: secrets.appPassword,
    claims: secrets.claims,
  })
  const replicas = Array.from({ length: topology.replicas }, (_, index) =>
    postgresLaunch({ server, replica: index + 1, topology, certificate, primary: mainPort(primary) }),
  )
  return [primary, ...(await settled(replicas.map((launch) => site.start(launch))))]
}

/** Waits for all, also when one fails, so that nothing is still starting while its scope is undone. */
async function settled<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(promises)
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return results.map((result) => (result as PromiseFulfilledResult<T>).value)
}

function linkAll(site: Site, parts: readonly Running[]): Promise<Reached[]> {
  return settled(
    parts.map(async (part) => {
      if (site.topology.links === 'direct') return { part, link: null, address: mainPort(part) }
      const link = site.scope.use(await openLink(part.name, mainPort(part)))
      return { part, link, address: link.address }
    }),
  )
}

async function raisePoolers(site: Site, servers: readonly Reached[]): Promise<readonly Running[]> {
  const wish = site.topology.pooler
  if (wish === null) return []
  const instances = Array.from({ length: wish.instances }, (_, instance) => instance)
  return settled(
    instances.map((instance) => {
      const plan: PoolerPlan = {
        instance,
        wish,
        database: clientDatabase,
        shards: shardServers(site.topology, servers),
        user: appUser,
        password: site.secrets.appPassword,
        adminPassword: site.secrets.adminPassword,
        program: site.topology.programs.router ?? null,
      }
      return site.start(wish.kind === 'pgdog' ? pgdogLaunch(plan) : routerLaunch(plan))
    }),
  )
}

function shardServers(topology: Topology, servers: readonly Reached[]): ShardServer[][] {
  const addressOf = (server: number, replica: number) => servers.find(({ part }) => part.name === serverName(server, replica))!.address
  return Array.from({ length: topology.shards }, (_, shard) =>
    Array.from({ length: topology.replicas + 1 }, (__, replica) => ({
      role: replica === 0 ? ('primary' as const) : ('replica' as const),
      database: databaseOf(shard),
      ...addressOf(serverOf(shard, topology), replica),
    })),
  )
}

async function raiseGateways(site: Site, poolers: readonly Reached[]): Promise<readonly Running[]> {
  const { topology, secrets, dir } = site
  writeFileSync(join(dir, 'issuer.key'), secrets.keys.privateKeyPem, { mode: 0o600 })
  writeFileSync(join(dir, 'issuer.pub'), secrets.keys.publicKeyPem)
  const wish = topology.gateway
  if (wish === null) return []
  return settled(
    Array.from({ length: wish.instances }, async (_, instance) => {
      const upstream = poolers[instance % poolers.length]
      if (upstream === undefined) throw new HarnessError('bad-topology', 'a gateway needs a pooler behind it')
      const { host, port } = upstream.address
      return site.start(
        gatewayLaunch({
          instance,
          wish,
          database: clientDatabase,
          upstream: { host, port },
          user: appUser,
          password: secrets.appPassword,
          certificate: await secrets.authority.issue(),
          issuer: { ...secrets.issuer, publicKeyPem: secrets.keys.publicKeyPem },
          claims: secrets.claims,
          program: topology.programs.gateway ?? null,
        }),
      )
    }),
  )
}
