/** The options of a run, checked: what `suite` and `list` share. */
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import type { PoolerKind } from '../spec/entry.ts'
import { findPostgres } from '../stack/components/postgres-binary.ts'
import { findPgdog } from '../stack/components/pgdog-binary.ts'
import type { TopologyWish } from '../stack/topology.ts'
import { defaultTopology } from '../stack/wish.ts'
import type { Gate } from '../reports/outcome.ts'
import { foreignText, type ForeignGateway } from '../stack/foreign/foreign-gateway.ts'
import { readGateway, writeGateway, type RawGateway } from './gateway-option.ts'
import { liarsFolder, projectRoot } from './project.ts'
import type { Wish } from './selection.ts'
import { readTopology, writeTopology } from './topology-option.ts'
import { mustKnow, UsageError } from './usage.ts'

export interface RawOptions extends RawGateway {
  readonly id?: readonly string[]
  readonly priority?: string
  readonly tags?: string
  readonly pooler?: string
  readonly provider?: string
  readonly topology?: string
  readonly seed?: string
  readonly profile?: string
  readonly gate?: string
  readonly repeat?: string
  readonly part?: readonly string[]
  readonly liar?: string
  readonly json?: boolean
  readonly allure?: boolean
}

export interface SuiteOptions {
  readonly wish: Wish
  /** One after the other; verdicts are kept apart. */
  readonly poolers: readonly PoolerKind[]
  readonly provider: 'embedded' | 'docker'
  /** A foreign gateway stands in it. */
  readonly topology: TopologyWish
  readonly seed: string
  readonly profile: string
  readonly gate: Gate
  readonly repeat: number
  /** Part → program run in its place. */
  readonly programs: Readonly<Record<string, string>>
  readonly liar: string | null
}

export function readSuiteOptions(families: readonly string[], raw: RawOptions): SuiteOptions {
  const provider = raw.provider ?? 'embedded'
  mustKnow('provider', provider, ['embedded', 'docker'])
  const profile = raw.profile ?? 'quick'
  mustKnow('profile', profile, ['quick', 'gate', 'full'])
  const gate = raw.gate ?? 'run'
  mustKnow('gate', gate, ['run', 'p0', 'release'])
  const programs = readPrograms(raw.part ?? [], raw.liar)
  const poolers = readPoolers(raw.pooler, provider, programs)
  const foreign = readGateway(raw)
  const topology = withForeign(readTopology(raw.topology), foreign)
  refuseTwoGateways(foreign, programs, provider)
  for (const kind of poolers) refuseImpossible(topology, kind, provider)
  return {
    wish: {
      families: families.map((family) => family.toLowerCase()),
      ids: raw.id ?? [],
      priority: raw.priority ?? null,
      tags: raw.tags ?? null,
    },
    poolers,
    provider: provider as SuiteOptions['provider'],
    topology,
    seed: raw.seed ?? randomBytes(8).toString('hex'),
    profile,
    gate: gate as Gate,
    repeat: readCount('--repeat', raw.repeat ?? '1'),
    programs,
    liar: raw.liar ?? standInOf(programs, topology),
  }
}

function withForeign(topology: TopologyWish, foreign: ForeignGateway | null): TopologyWish {
  return foreign === null ? topology : { ...topology, gateway: { ...topology.gateway, foreign } }
}

function refuseTwoGateways(foreign: ForeignGateway | null, programs: Readonly<Record<string, string>>, provider: string): void {
  if (foreign === null) return
  if (programs['gateway'] !== undefined)
    throw new UsageError('--gateway and another gateway by --part or --liar: only one of them can stand')
  if (foreign.kind === 'exec' && provider !== 'embedded')
    throw new UsageError('--gateway exec: starts a process: it needs --provider embedded')
}

/** Evidence on something that stands in for a part of ours says nothing of ours. */
function standInOf(programs: Readonly<Record<string, string>>, topology: TopologyWish): string | null {
  const foreign = topology.gateway?.foreign
  if (foreign !== undefined) return `gateway ${foreignText(foreign)}`
  return Object.keys(programs).length > 0 ? JSON.stringify(programs) : null
}

/** What no entry could be tried on is better said before anything starts; throws a HarnessError. */
function refuseImpossible(wish: TopologyWish, kind: PoolerKind, provider: string): void {
  const { postgres } = defaultTopology({ pooler: { kind } }, wish)
  if (provider === 'embedded') findPostgres(postgres.version)
}

/** PgDog where it is found, for it is the system under test; the reference router elsewhere, and where something stands in for it. */
function readPoolers(option: string | undefined, provider: string, programs: Readonly<Record<string, string>>): readonly PoolerKind[] {
  if (option !== undefined) mustKnow('pooler', option, ['pgdog', 'router', 'all'])
  if (programs['router'] !== undefined && option !== undefined && option !== 'router')
    throw new UsageError(`--pooler ${option}: ${programs['router']} stands in for the router, so the pooler must be router`)
  const found = findPgdog() !== null && provider === 'embedded' && programs['router'] === undefined
  if (option === 'pgdog' && !found) throw new UsageError(whyNoPgdog(provider))
  if (option === undefined) return [found ? 'pgdog' : 'router']
  return option === 'all' ? (found ? ['pgdog', 'router'] : ['router']) : [option as PoolerKind]
}

function whyNoPgdog(provider: string): string {
  return provider === 'embedded'
    ? '--pooler pgdog: no `pgdog` is on the PATH: put it there, or name the binary in PGDOG_BIN'
    : `--pooler pgdog: it has no form that the provider ${provider} can run: take --provider embedded`
}

/** Part → program: as `--part` names it, or the liar's. A path counts from the project, else from where the command was typed. */
function readPrograms(parts: readonly string[], liar: string | undefined): Readonly<Record<string, string>> {
  const named = parts.map(readPart)
  return Object.fromEntries(named.length === 0 && liar !== undefined ? [readLiar(liar)] : named)
}

function readPart(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  const [part, program] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
  mustKnow('part', part, ['gateway', 'router', 'sql', 'control-plane', 'client', 'failover'])
  if (!/\.[cm]?[jt]s$/.test(program))
    throw new UsageError(`--part ${text}: a program for Node is wanted: write it like gateway=liars/gateway-forgets-expiry.ts`)
  const found = [projectRoot, process.env['INIT_CWD'] ?? process.cwd()]
    .map((from) => resolve(from, program))
    .find((file) => existsSync(file))
  if (found === undefined) throw new UsageError(`--part ${text}: ${program} is not there: a path counts from the project's folder`)
  return [part, found.startsWith(`${projectRoot}/`) ? relative(projectRoot, found) : found]
}

function readLiar(name: string): readonly [string, string] {
  const known = readdirSync(liarsFolder()).flatMap(
    (file) => /^((?:gateway|router|sql|control-plane|client|failover)-.*)\.ts$/.exec(file)?.[1] ?? [],
  )
  mustKnow('liar', name, known)
  return [/^(?:control-plane|[a-z]+)/.exec(name)?.[0] ?? '', relative(projectRoot, join(liarsFolder(), `${name}.ts`))]
}

export function readCount(name: string, text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1 || count > 1000)
    throw new UsageError(`${name} ${text}: a whole number from 1 to 1000 is wanted`)
  return count
}

/** The command that repeats a run. */
export function commandOf(options: SuiteOptions, ids: readonly string[] = options.wish.ids): string {
  const { wish, poolers, provider, seed, profile, gate, repeat, programs } = options
  const { foreign, ...gateway } = options.topology.gateway ?? {}
  const { gateway: _, ...others } = options.topology
  const own: TopologyWish = Object.keys(gateway).length === 0 ? others : { ...others, gateway }
  const flags = [
    ...ids.map((id) => `--id ${id}`),
    ...(wish.priority === null ? [] : [`--priority ${wish.priority}`]),
    ...(wish.tags === null ? [] : [`--tags ${quote(wish.tags)}`]),
    `--pooler ${poolers.length > 1 ? 'all' : poolers[0]}`,
    ...(provider === 'embedded' ? [] : [`--provider ${provider}`]),
    ...(Object.keys(own).length === 0 ? [] : [`--topology ${quote(writeTopology(own))}`]),
    ...(foreign === undefined ? [] : writeGateway(foreign, quote)),
    `--seed ${quote(seed)}`,
    ...(profile === 'quick' ? [] : [`--profile ${profile}`]),
    ...(gate === 'run' ? [] : [`--gate ${gate}`]),
    ...(repeat === 1 ? [] : [`--repeat ${repeat}`]),
    ...Object.entries(programs).map(([part, program]) => `--part ${quote(`${part}=${program}`)}`),
  ]
  return ['npm run suite', ...(ids.length > 0 ? [] : wish.families), '--', ...flags].join(' ')
}

/** As a POSIX shell wants it. */
function quote(text: string): string {
  return /^[\w=.,/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
