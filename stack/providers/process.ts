/** One child process with its log: in the ledger before it runs, in a session of its own, and gone with all its children when stopped. */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { accessSync, closeSync, constants, openSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { HarnessError, asHarnessError } from '../harness-error.ts'
import type { Ledger } from '../ledger.ts'
import { awaitDeath, familyOf, identify, isAlive, markVariable, signal, type ProcessId } from '../processes.ts'
import { sweepSharedMemory } from '../shared-memory.ts'
import type { Account } from './unprivileged.ts'

export interface Command {
  readonly name: string
  readonly program: string
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly logFile: string
  /** Read as its standard input; null for none. */
  readonly inputFile: string | null
  readonly account: Account | null
}

export interface Started {
  readonly id: ProcessId
  readonly child: ChildProcess
  /** Why it is not alive any more, or null. */
  gone(): string | null
}

/** Waits for a word on descriptor 3 before it becomes the program; if the harness dies first, there is no word and no program. */
const gate = 'read -r word <&3 && [ "$word" = go ] || exit 125; exec 3<&-; exec "$@"'

/** Spawns behind a gate, notes the process in the ledger, then lets it run; output goes straight to the log file. */
export async function startProcess(command: Command, ledger: Ledger): Promise<Started> {
  const { name, program } = command
  refuseMissing(command)
  const log = openSync(command.logFile, 'a', 0o600)
  const input = command.inputFile === null ? null : openSync(command.inputFile, 'r')
  try {
    const child = spawn('/bin/sh', ['-c', gate, 'sh', program, ...command.argv], {
      cwd: command.cwd,
      env: { ...command.env, [markVariable]: `${ledger.run}/${name}` },
      detached: true,
      stdio: [input ?? 'ignore', log, log, 'pipe'] as StdioOptions,
      ...command.account,
    })
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject))
    const id = identify(child.pid!) ?? { pid: child.pid!, started: '' }
    ledger.note({ kind: 'process', owner: process.pid, name, process: id })
    open(child.stdio[3] as Writable)
    return { id, child, gone: () => endOf(child) }
  } catch (error) {
    throw asHarnessError(error, 'tool-missing', `: ${name} could not be started from ${program}`)
  } finally {
    closeSync(log)
    if (input !== null) closeSync(input)
  }
}

function refuseMissing({ name, program }: Command): void {
  try {
    accessSync(program, constants.X_OK)
  } catch {
    throw new HarnessError('tool-missing', `${name} needs ${program}, which is not there or cannot be run`)
  }
}

/** A process that died meanwhile does not read the word, which is no error of the writer. */
function open(gateway: Writable): void {
  gateway.on('error', () => {})
  gateway.end('go\n')
}

function endOf(child: ChildProcess): string | null {
  if (child.exitCode !== null) return `it ended with exit code ${child.exitCode}`
  return child.signalCode === null ? null : `it was ended by ${child.signalCode}`
}

/** Runs a command to its end; throws if it fails or takes longer than the limit. */
export async function runToEnd(command: Command, ledger: Ledger, limitMs: number): Promise<void> {
  const started = await startProcess(command, ledger)
  const ended = new Promise<string>((resolve) => started.child.once('exit', (code, name) => resolve(String(code ?? name))))
  const timer = setTimeout(() => signal(started.id, 'SIGKILL'), limitMs)
  const end = started.gone() === null ? await ended : String(started.child.exitCode)
  clearTimeout(timer)
  if (end !== '0') throw new HarnessError('stack-did-not-rise', `${command.name}: ${command.program} ended with ${end}`)
}

/** Stops every process of the family from running, or lets it go on. Parents first, so that no child is missed. */
export function haltFamily(leader: ProcessId): void {
  const halted = new Set<number>()
  for (let size = -1; size !== halted.size;) {
    size = halted.size
    for (const member of familyOf(leader)) {
      if (!halted.has(member.pid)) signal(member, 'SIGSTOP')
      halted.add(member.pid)
    }
  }
}

export function wakeFamily(leader: ProcessId): void {
  for (const member of familyOf(leader).toReversed()) signal(member, 'SIGCONT')
}

/** Kills the whole family at once, as a machine that loses power would; resolves when all are gone. */
export async function killFamily(started: Started): Promise<void> {
  await endFamily(started, familyOf(started.id))
}

/** Asks it to stop, then kills its family after the grace period; resolves when all are gone. */
export async function stopProcess(started: Started, asking: NodeJS.Signals, graceMs: number): Promise<void> {
  const family = familyOf(started.id)
  wakeFamily(started.id)
  signal(started.id, asking)
  await awaitDeath(() => family, graceMs)
  await endFamily(started, family)
}

async function endFamily(started: Started, family: readonly ProcessId[]): Promise<void> {
  for (const member of family) signal(member, 'SIGKILL')
  if (!(await awaitDeath(() => family, 5_000)))
    throw new HarnessError('time-out', `processes ${numbersOf(family.filter(isAlive))} do not die of SIGKILL`)
  await settle(started)
  sweepSharedMemory([started.id])
}

const numbersOf = (processes: readonly ProcessId[]) => processes.map(({ pid }) => pid).join(', ')

/** Node learns of an exit a moment after the system does. */
async function settle({ child, gone }: Started): Promise<void> {
  if (gone() === null) await new Promise((resolve) => child.once('exit', resolve))
}
