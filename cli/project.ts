/** The project the command works on: its folder, its version, and where runs go. */
import { execFileSync } from 'node:child_process'
import { readFileSync, statfsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadSpec, type Spec } from '../spec/load.ts'
import { HarnessError } from '../stack/harness-error.ts'

export const projectRoot = resolve(import.meta.dirname, '..')
export const outFolder = (): string => resolve(process.env['OROCHI_OUT'] ?? join(projectRoot, 'out'))

/** The project's specification, or that of the folder in OROCHI_SPEC_DIR. */
export const specification = (): Spec => loadSpec(process.env['OROCHI_SPEC_DIR'])

/** The project's liars, or those of the folder in OROCHI_LIARS_DIR. */
export const liarsFolder = (): string => resolve(projectRoot, process.env['OROCHI_LIARS_DIR'] ?? 'liars')

export interface Version {
  /** Package version and short commit: `0.1.0+1a2b3c4`. */
  readonly text: string
  /** Files differ from the commit, or there is no git to ask. */
  readonly dirty: boolean
}

export function versionOf(): Version {
  const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string }
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd: projectRoot, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    return { text: `${version}+${git('rev-parse', '--short', 'HEAD')}`, dirty: git('status', '--porcelain') !== '' }
  } catch {
    return { text: version, dirty: true }
  }
}

const leastFreeBytes = 400 * 1024 * 1024

/** A run that fills the disk proves nothing: better not to start. */
export function refuseFullDisk(folder: string): void {
  const { bavail, bsize } = statfsSync(folder)
  if (bavail * bsize < leastFreeBytes)
    throw new HarnessError(
      'disk-full',
      `${folder} has ${Math.round((bavail * bsize) / 1024 / 1024)} MiB left, a run wants 400: make room, or point OROCHI_STATE_DIR and OROCHI_OUT elsewhere`,
    )
}
