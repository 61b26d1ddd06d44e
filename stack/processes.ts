/** Processes by number and start time: a number alone may belong to somebody else by now. */
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export interface ProcessId {
  readonly pid: number
  /** Start time as the system tells it; compared as text. */
  readonly started: string
}

/** The process with this number now, or null if there is none (a zombie is none). */
export function identify(pid: number): ProcessId | null {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid)
}

function fromProc(pid: number): ProcessId | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? null : { pid, started: fields[19] ?? '' }
  } catch {
    return null
  }
}

function fromPs(pid: number): ProcessId | null {
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
    return started === '' ? null : { pid, started }
  } catch {
    return null
  }
}

export function isAlive(process: ProcessId): boolean {
  return identify(process.pid)?.started === process.started
}

/** Processes whose working folder lies below a folder (Linux; elsewhere none are found this way). */
export function processesBelow(folder: string): readonly ProcessId[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && worksBelow(name, folder))
    .flatMap((name) => identify(Number(name)) ?? [])
}

function worksBelow(pid: string, folder: string): boolean {
  try {
    const cwd = readlinkSync(`/proc/${pid}/cwd`)
    return cwd === folder || cwd.startsWith(`${folder}/`)
  } catch {
    return false
  }
}

/** Signals a process or its group; one that is gone already is no error. */
export function signal(pid: number, name: NodeJS.Signals, group: boolean): void {
  try {
    process.kill(group ? -pid : pid, name)
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
