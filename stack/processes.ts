/** Processes by number and start time: a number alone may belong to somebody else by now. */
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export interface ProcessId {
  readonly pid: number
  /** Start time as the system tells it, with the boot it counts from; compared as text. */
  readonly started: string
}

const onLinux = process.platform === 'linux'

/** The process with this number now, or null if there is none (a zombie is none). */
export function identify(pid: number): ProcessId | null {
  return onLinux ? fromProc(pid) : fromPs(pid)
}

function fromProc(pid: number): ProcessId | null {
  const fields = statOf(pid)
  return fields === null || fields.state === 'Z' || fields.state === 'X' ? null : { pid, started: `${fields.started}@${bootOf()}` }
}

interface Stat {
  readonly state: string
  readonly parent: number
  /** Clock ticks since the machine started. */
  readonly started: string
}

function statOf(pid: number): Stat | null {
  const text = read(`/proc/${pid}/stat`)
  if (text === '') return null
  // The name stands in brackets and may hold anything, brackets too.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0] ?? '', parent: Number(fields[1]), started: fields[19] ?? '' }
}

function bootOf(): string {
  return read('/proc/sys/kernel/random/boot_id').slice(0, 8)
}

function fromPs(pid: number): ProcessId | null {
  const started = ps(['-o', 'lstart=', '-p', String(pid)])
  return started === '' ? null : { pid, started }
}

function ps(argv: readonly string[]): string {
  try {
    return execFileSync('ps', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return ''
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}

export function isAlive(process: ProcessId): boolean {
  return identify(process.pid)?.started === process.started
}

/** A process and all its descendants, parents first. */
export function familyOf(leader: ProcessId): readonly ProcessId[] {
  if (!isAlive(leader)) return []
  const parents = parentsOfAll()
  const found = new Set([leader.pid])
  // A number met before its parent's is found in a later round.
  for (let size = 0; size !== found.size;) {
    size = found.size
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid)
  }
  return [...found].flatMap((pid) => identify(pid) ?? [])
}

export interface Ancestor {
  readonly process: ProcessId
  /** Its command line. */
  readonly command: string
}

/** Parent, grandparent and so on of this process, the nearest first. */
export function ancestors(): readonly Ancestor[] {
  const parents = parentsOfAll()
  const found: Ancestor[] = []
  for (let pid = process.ppid; pid > 1; pid = parents.get(pid) ?? 0) {
    const id = identify(pid)
    if (id !== null) found.push({ process: id, command: commandOf(pid) })
  }
  return found
}

function commandOf(pid: number): string {
  return onLinux ? read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() : ps(['-o', 'command=', '-p', String(pid)])
}

function parentsOfAll(): ReadonlyMap<number, number> {
  if (onLinux) return new Map(allPids().map((pid) => [pid, statOf(pid)?.parent ?? 0]))
  const rows = ps(['-axo', 'pid=,ppid=']).split('\n')
  return new Map(rows.map((row) => row.trim().split(/\s+/).map(Number) as [number, number]))
}

function allPids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** Name of the variable that marks a process as a part; its value starts with the run. */
export const markVariable = 'OROCHI_PART'

/**
 * Processes that belong to a run though no ledger line names them: they work in its folder, and they carry its mark or are children of a
 * Postgres server (which write over their environment). A shell that somebody opened there does neither. Linux only; elsewhere none are found.
 */
export function straysOf(run: string, folder: string): readonly ProcessId[] {
  if (!onLinux) return []
  return allPids()
    .filter((pid) => pid !== process.pid && worksBelow(pid, folder) && isMarked(pid, run))
    .flatMap((pid) => identify(pid) ?? [])
}

function worksBelow(pid: number, folder: string): boolean {
  try {
    const cwd = readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, '')
    return cwd === folder || cwd.startsWith(`${folder}/`)
  } catch {
    return false
  }
}

function isMarked(pid: number, run: string): boolean {
  const marked = read(`/proc/${pid}/environ`)
    .split('\0')
    .some((entry) => entry.startsWith(`${markVariable}=${run}/`))
  return marked || read(`/proc/${pid}/cmdline`).startsWith('postgres: ')
}

/** Signals a process if it still is the one that is meant. */
export function signal(target: ProcessId, name: NodeJS.Signals): void {
  if (!isAlive(target)) return
  try {
    process.kill(target.pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Resolves to true once none of the processes lives any more, false if one still does at the deadline. */
export async function awaitDeath(processes: () => readonly ProcessId[], limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs
  while (processes().some(isAlive)) {
    if (Date.now() > deadline) return false
    await sleep(20)
  }
  return true
}
