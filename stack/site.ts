/** What all parts of one stack share while it rises: its wish, secrets, paths and provider, and how a part is started and owned. */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Launch, Provider, Running } from './launch.ts'
import type { Ledger } from './ledger.ts'
import { withForeignKeys } from './foreign/raise.ts'
import { limitMs } from './limits.ts'
import { directPaths, recordedPaths, type Paths } from './paths.ts'
import { providerOf } from './providers/provider.ts'
import { makeSecrets, secretTexts, type StackSecrets } from './secrets.ts'
import { makeFolder } from './state.ts'
import type { Topology } from './topology.ts'

export interface Site {
  readonly id: string
  readonly dir: string
  readonly topology: Topology
  readonly secrets: StackSecrets
  readonly paths: Paths
  /** Fires when the caller gives up, the time limit is over, or another part failed. */
  readonly signal: AbortSignal
  /** Part name → its configuration files as text, secrets blanked. */
  readonly configs: ReadonlyMap<string, string>
  /** Starts a part, which the stack owns from then on. */
  start(launch: Launch): Promise<Running>
  /** Whatever else belongs to the gateways, and ends with them. */
  own(thing: AsyncDisposable): void
  /** Waits for all, also when one fails, so that nothing is still starting while the stack is undone; throws the first failure. */
  all<T>(promises: readonly Promise<T>[]): Promise<T[]>
}

export interface SiteWish {
  readonly topology: Topology
  readonly provider: 'embedded' | 'docker'
  readonly ledger: Ledger
  readonly signal: AbortSignal
}

/** A site of its own folder; everything that is started on it ends with `scope`, gateways first, servers last. */
export async function openSite({ topology, provider: providerName, ledger, signal }: SiteWish, scope: AsyncDisposableStack): Promise<Site> {
  const id = randomBytes(4).toString('hex')
  const dir = layFolder(ledger, id, scope)
  const provider = scope.use(await providerOf(providerName, ledger, dir))
  const failure = new AbortController()
  const any = AbortSignal.any([signal, failure.signal, AbortSignal.timeout(limitMs('stack-start'))])
  const servers = scope.use(ownTogether())
  const paths = scope.use(topology.links === 'direct' ? directPaths(any) : recordedPaths())
  const poolers = scope.use(ownTogether())
  const gateways = scope.use(ownTogether())
  const owners: Record<Launch['kind'], Together> = { postgres: servers, pooler: poolers, gateway: gateways, 'control-plane': gateways }
  const secrets = withForeignKeys(await makeSecrets(), topology.gateway?.foreign)
  const configs = new Map<string, string>()
  writeFileSync(join(dir, 'issuer.key'), secrets.keys.privateKeyPem, { mode: 0o600 })
  writeFileSync(join(dir, 'issuer.pub'), secrets.keys.publicKeyPem)
  return {
    id,
    dir,
    topology,
    secrets,
    paths,
    signal: any,
    configs,
    async start(launch) {
      configs.set(launch.name, configOf(launch, secrets))
      const part = await startOn(provider, launch, any)
      owners[launch.kind].own(part)
      paths.arrived(part)
      return part
    },
    own: (thing) => gateways.own(thing),
    all: (promises) => settled(promises, failure),
  }
}

async function startOn(provider: Provider, launch: Launch, signal: AbortSignal): Promise<Running> {
  signal.throwIfAborted()
  return provider.start(launch, signal)
}

function layFolder(ledger: Ledger, id: string, scope: AsyncDisposableStack): string {
  const dir = join(ledger.dir, 'stacks', id)
  ledger.note({ kind: 'folder', owner: process.pid, path: dir })
  makeFolder(join(ledger.dir, 'stacks'))
  scope.defer(() => rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }))
  return makeFolder(dir)
}

function configOf({ files }: Launch, secrets: StackSecrets): string {
  const texts = files.filter(({ name }) => /\.(conf|toml|yaml)$/.test(name)).map(({ name, content }) => `# ${name}\n${content}`)
  return secretTexts(secrets).reduce((text, secret) => text.replaceAll(secret, '<secret>'), texts.join('\n'))
}

interface Together extends AsyncDisposable {
  own(thing: AsyncDisposable): void
}

/** Owns things that can end at the same time. */
function ownTogether(): Together {
  const owned: AsyncDisposable[] = []
  return {
    own: (thing) => void owned.push(thing),
    async [Symbol.asyncDispose]() {
      const ends = await Promise.allSettled(owned.map((thing) => thing[Symbol.asyncDispose]()))
      for (const end of ends) if (end.status === 'rejected') throw end.reason
    },
  }
}

async function settled<T>(promises: readonly Promise<T>[], failure: AbortController): Promise<T[]> {
  for (const promise of promises) promise.catch((error: unknown) => failure.abort(error))
  const results = await Promise.allSettled(promises)
  if (results.some(({ status }) => status === 'rejected')) throw failure.signal.reason
  return results.map((result) => (result as PromiseFulfilledResult<T>).value)
}
