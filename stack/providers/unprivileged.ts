/** The account without rights that Postgres runs under when the harness is root: `nobody`, as it is on every machine. */
import { createHash } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  lchownSync,
  lstatSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { HarnessError, asHarnessError } from '../harness-error.ts'
import { asideOf, stateFolder } from '../state.ts'

export interface Account {
  readonly uid: number
  readonly gid: number
}

/** Whom to become, or null when we are not root and stay who we are. */
export function unprivileged(): Account | null {
  if (process.getuid?.() !== 0) return null
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('nobody:'))
  const [, , uid, gid] = line?.split(':') ?? []
  if (uid === undefined || gid === undefined)
    throw new HarnessError(
      'tool-missing',
      'Postgres does not run as root, and /etc/passwd has no account "nobody" to become: run as a plain user',
    )
  return { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 }
}

/** Hands a folder and all in it to an account. */
export function hand(path: string, account: Account): void {
  lchownSync(path, account.uid, account.gid)
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) hand(join(path, name), account)
}

/** The binary's path for that account: where it is, or in a copy of its tree that everybody can reach. */
export function reachable(binary: string, account: Account | null): string {
  if (account === null || everybodyReaches(binary)) return binary
  const tree = dirname(dirname(binary))
  const copy = copyTree(tree)
  return join(copy, binary.slice(tree.length + 1))
}

function everybodyReaches(path: string): boolean {
  for (let folder = path; folder !== dirname(folder); folder = dirname(folder)) if ((statSync(folder).mode & 0o001) === 0) return false
  accessSync(path, constants.X_OK)
  return true
}

/** One copy per place and time of change, made aside and moved into place, so that a killed harness leaves no half where others look. */
function copyTree(tree: string): string {
  const key = createHash('sha256')
    .update(`${tree}:${statSync(join(tree, 'bin')).mtimeMs}`)
    .digest('hex')
    .slice(0, 16)
  const target = join(stateFolder('cache'), `tree-${key}`)
  if (existsSync(target)) return target
  const aside = asideOf(target)
  try {
    cpSync(tree, aside, { recursive: true, verbatimSymlinks: true })
    openToAll(aside)
    renameSync(aside, target)
  } catch (error) {
    rmSync(aside, { recursive: true, force: true })
    if (!existsSync(target)) throw asHarnessError(error, 'state-unusable')
  }
  return target
}

function openToAll(path: string): void {
  const stat = statSync(path)
  chmodSync(path, stat.isDirectory() ? 0o755 : stat.mode | ((stat.mode & 0o100) === 0 ? 0o044 : 0o055))
  if (stat.isDirectory()) for (const name of readdirSync(path)) openToAll(join(path, name))
}
