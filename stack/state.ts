/** Where the harness keeps what is not in the project: caches and the folders of runs, outside the clone so that any user can reach them. */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { HarnessError, asHarnessError } from './harness-error.ts'

/** Others may pass through, so that Postgres can run as somebody else, but not list. */
const passable = 0o711

/** `$OROCHI_STATE_DIR`, or a folder of this user in the system's temporary one. */
export function stateRoot(env: NodeJS.ProcessEnv = process.env): string {
  const given = env['OROCHI_STATE_DIR']
  if (given) return resolve(given)
  const places = [tmpdir(), '/tmp', '/var/tmp']
  return join(places.find(canBePassed) ?? places[0]!, `orochi-harness-${process.getuid?.() ?? 'user'}`)
}

/** A folder below the root, made if it is not there. Throws `state-unusable` if the root is somebody else's or cannot be reached. */
export function stateFolder(...names: string[]): string {
  const root = stateRoot()
  makeFolder(root)
  checkRoot(root)
  return names.reduce((folder, name) => makeFolder(join(folder, name)), root)
}

/** Makes a folder that others may pass through, whatever the umask says. */
export function makeFolder(folder: string): string {
  try {
    if (mkdirSync(folder, { recursive: true, mode: passable }) !== undefined) chmodSync(folder, passable)
  } catch (error) {
    throw asHarnessError(error, 'state-unusable')
  }
  return folder
}

/** The name of the root can be guessed: whoever made it before us must not lead us into a folder of theirs. */
function checkRoot(root: string): void {
  const stat = lstatSync(root)
  const uid = process.getuid?.() ?? stat.uid
  if (!stat.isDirectory() || stat.uid !== uid || (stat.mode & 0o022) !== 0)
    throw new HarnessError(
      'state-unusable',
      `${root} is not a folder that only this user can write: remove it, or set OROCHI_STATE_DIR to another place`,
    )
  if (!canBePassed(root))
    throw new HarnessError(
      'state-unusable',
      `Postgres runs as "nobody", who cannot pass through to ${root}: set OROCHI_STATE_DIR to a place that everybody may enter`,
    )
}

/** Whether an unprivileged user gets there; only root has to care, others run everything as themselves. */
function canBePassed(folder: string): boolean {
  if (process.getuid?.() !== 0) return true
  for (let place = resolve(folder); ; place = dirname(place)) {
    const stat = statSync(place, { throwIfNoEntry: false })
    if (stat === undefined || (stat.mode & 0o001) === 0) return false
    if (place === dirname(place)) return true
  }
}

export function runFolder(run: string): string {
  return join(stateRoot(), 'runs', run)
}

/** Names of all runs that left something. */
export function runNames(): readonly string[] {
  return namesIn(join(stateRoot(), 'runs'))
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).toSorted() : []
}

/** Where something that is kept is made before it is moved into place: the name tells who makes it. */
export function asideOf(target: string): string {
  return `${target}.making-${process.pid}-${randomBytes(4).toString('hex')}`
}

/** Removes what harnesses left half made outside their runs when they were killed. */
export function sweepAsides(isAlive: (pid: number) => boolean): void {
  for (const folder of ['cache', join('cache', 'prepared'), 'postgres'].map((name) => join(stateRoot(), name)))
    for (const name of namesIn(folder)) {
      const maker = /\.making-(\d+)-[0-9a-f]+$/.exec(name)?.[1]
      if (maker !== undefined && !isAlive(Number(maker))) rmSync(join(folder, name), { recursive: true, force: true })
    }
}
