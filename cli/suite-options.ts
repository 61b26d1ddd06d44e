/** The options of a run, checked: what `suite` and `list` share. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { PoolerKind } from '../spec/entry.ts'
import { findPgdog } from '../stack/components/pgdog-binary.ts'
import type { TopologyWish } from '../stack/topology.ts'
import type { Gate } from '../reports/outcome.ts'
import { projectRoot } from './project.ts'
import type { Wish } from './selection.ts'
import { readTopology } from './topology-option.ts'
import { mustKnow, UsageError } from './usage.ts'

export interface RawOptions {
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
  const programs = readParts(raw.part ?? [], raw.liar)
  return {
    wish: {
      families: families.map((family) => family.toLowerCase()),
      ids: raw.id ?? [],
      priority: raw.priority ?? null,
      tags: raw.tags ?? null,
    },
    poolers: readPoolers(raw.pooler, provider),
    provider: provider as SuiteOptions['provider'],
    topology: readTopology(raw.topology),
    seed: raw.seed ?? randomBytes(8).toString('hex'),
    profile,
    gate: gate as Gate,
    repeat: readCount('--repeat', raw.repeat ?? '1'),
    programs,
    liar: raw.liar ?? (Object.keys(programs).length > 0 ? JSON.stringify(programs) : null),
  }
}

/** PgDog where it is found, for it is the system under test; the reference router elsewhere. */
function readPoolers(option: string | undefined, provider: string): readonly PoolerKind[] {
  const found = findPgdog() !== null
  if (option === undefined) return [found && provider === 'embedded' ? 'pgdog' : 'router']
  mustKnow('pooler', option, ['pgdog', 'router', 'all'])
  if (option === 'all') return found && provider === 'embedded' ? ['pgdog', 'router'] : ['router']
  if (option === 'pgdog' && !found)
    throw new UsageError('--pooler pgdog: no `pgdog` is on the PATH: put it there, or name the binary in PGDOG_BIN')
  return [option as PoolerKind]
}

function readParts(parts: readonly string[], liar: string | undefined): Readonly<Record<string, string>> {
  const programs: Record<string, string> = {}
  for (const part of parts) {
    const [name = '', program] = part.split('=')
    mustKnow('part', name, ['gateway', 'router'])
    if (program === undefined || !existsSync(join(projectRoot, program)))
      throw new UsageError(`--part ${part}: ${program ?? 'a program'} is not there: write it like gateway=liars/gateway-forgets-expiry.ts`)
    programs[name] = program
  }
  if (liar !== undefined && Object.keys(programs).length === 0) {
    const file = join('liars', `${liar}.ts`)
    if (!existsSync(join(projectRoot, file))) throw new UsageError(`--liar ${liar}: there is no ${file}`)
    programs[liar.split('-')[0] ?? ''] = file
  }
  return programs
}

function readCount(name: string, text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1 || count > 1000)
    throw new UsageError(`${name} ${text}: a whole number from 1 to 1000 is wanted`)
  return count
}

/** The command that repeats a run. */
export function commandOf(options: SuiteOptions, ids: readonly string[] = options.wish.ids): string {
  const { wish, poolers, provider, seed, profile, repeat, programs } = options
  const flags = [
    ...ids.map((id) => `--id ${id}`),
    ...(wish.priority === null ? [] : [`--priority ${wish.priority}`]),
    ...(wish.tags === null ? [] : [`--tags '${wish.tags}'`]),
    `--pooler ${poolers.length > 1 ? 'all' : poolers[0]}`,
    ...(provider === 'embedded' ? [] : [`--provider ${provider}`]),
    ...(Object.keys(options.topology).length === 0 ? [] : [`--topology '${pairs(options.topology)}'`]),
    `--seed ${seed}`,
    ...(profile === 'quick' ? [] : [`--profile ${profile}`]),
    ...(repeat === 1 ? [] : [`--repeat ${repeat}`]),
    ...Object.entries(programs).map(([part, program]) => `--part ${part}=${program}`),
  ]
  return ['npm run suite', ...(ids.length > 0 ? [] : wish.families), '--', ...flags].join(' ')
}

function pairs(topology: object, prefix = ''): string {
  return Object.entries(topology)
    .map(([name, value]) =>
      typeof value === 'object' && value !== null ? pairs(value as object, `${prefix}${name}.`) : `${prefix}${name}=${String(value)}`,
    )
    .join(',')
}
