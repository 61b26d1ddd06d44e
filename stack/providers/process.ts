/** One child process with its log, and the verbs that faults use on it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { HarnessError } from '../harness-error.ts'
import { awaitDeath, identify, signal, type ProcessId } from '../processes.ts'
import type { Account } from './unprivileged.ts'

export interface Command {
  readonly name: string
  readonly program: string
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly logFile: string
  readonly account: Account | null
}

export interface Started {
  readonly id: ProcessId
  readonly child: ChildProcess
  /** Why it is not alive any more, or null. */
  gone(): string | null
}

/** Spawns in a process group of its own; output goes straight to the log file. */
export async function startProcess(command: Command, note: (id: ProcessId) => void): Promise<Started> {
  const log = openSync(command.logFile, 'a', 0o600)
  try {
    const child = spawn(command.program, command.argv, {
      cwd: command.cwd,
      env: command.env,
      detached: true,
      stdio: ['ignore', log, log],
      ...command.account,
    })
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject))
    const id = identify(child.pid!) ?? { pid: child.pid!, started: '' }
    note(id)
    return { id, child, gone: () => endOf(child) }
  } catch (error) {
    throw new HarnessError('tool-missing', `${command.name} could not be started from ${command.program}: ${(error as Error).message}`, {
      cause: error,
    })
  } finally {
    closeSync(log)
  }
}

function endOf(child: ChildProcess): string | null {
  if (child.exitCode !== null) return `it ended with exit code ${child.exitCode}`
  return child.signalCode === null ? null : `it was ended by ${child.signalCode}`
}

/** Asks it to stop, then kills its group after the grace period; resolves when it is gone. */
export async function stopProcess(started: Started, asking: NodeJS.Signals, graceMs: number): Promise<void> {
  const gone = () => (started.gone() === null ? [started.id] : [])
  if (started.gone() !== null) return
  signal(started.id.pid, 'SIGCONT', true)
  signal(started.id.pid, asking, false)
  if (await awaitDeath(gone, graceMs)) return
  signal(started.id.pid, 'SIGKILL', true)
  await awaitDeath(gone, 5_000)
}

/** Resident memory (bytes) and open descriptors of a process and its children (Linux). */
export function figuresOf(pid: number): { readonly residentBytes: number; readonly descriptors: number } {
  const family = [pid, ...childrenOf(pid)]
  return {
    residentBytes: family.reduce((sum, member) => sum + residentOf(member), 0),
    descriptors: family.reduce((sum, member) => sum + descriptorsOf(member), 0),
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .split(' ')
      .filter((text) => text !== '')
      .map(Number)
  } catch {
    return []
  }
}

function residentOf(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}

function descriptorsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).filter((name) => readlinkOf(`/proc/${pid}/fd/${name}`) !== null).length
  } catch {
    return 0
  }
}

function readlinkOf(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}
