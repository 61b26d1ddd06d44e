/** Undoes runs by their ledgers: kills what they started and removes what they made, and never touches what is not theirs. */
import { execFile } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import { HarnessError } from './harness-error.ts'
import { readLedger, type LedgerLine } from './ledger.ts'
import { limitMs } from './limits.ts'
import { unmountDisk } from './providers/disk.ts'
import { awaitDeath, familyOf, identify, isAlive, signal, straysOf, type ProcessId } from './processes.ts'
import { sweepSharedMemory } from './shared-memory.ts'
import { runFolder, runNames, stateRoot, sweepAsides } from './state.ts'

/** A ledger without an owner yet is left alone for so long: its run may be about to start. */
const settlingMs = 60_000

const ownersOf = (lines: readonly LedgerLine[]) => lines.filter((line) => line.kind === 'owner')

/** A run lives while every process that speaks for it does (and, if none does, while it may just be starting). */
export function isLiving(run: string): boolean {
  const owners = ownersOf(readLedger(run))
  const speaking = owners.some((owner) => owner.role === 'main') ? owners.filter((owner) => owner.role === 'main') : owners
  if (speaking.length > 0) return speaking.every((owner) => isAlive(owner.process))
  return existsSync(runFolder(run)) && Date.now() - statSync(runFolder(run)).mtimeMs < settlingMs
}

export interface RunState {
  readonly run: string
  readonly living: boolean
}

export function listRuns(): readonly RunState[] {
  return runNames().map((run) => ({ run, living: isLiving(run) }))
}

/** Undoes every run whose owner is dead; returns their names. */
export async function downDead(): Promise<readonly string[]> {
  const dead = listRuns().filter(({ living }) => !living)
  for (const { run } of dead) await undoRun(run)
  sweepAsides((pid) => identify(pid) !== null)
  return dead.map(({ run }) => run)
}

/** Ends a run, living or not: asks its owners to stop, then undoes what is left. */
export async function down(run: string): Promise<void> {
  if (!runNames().includes(run))
    throw new HarnessError('no-such-run', `no run is called "${run}": \`orochi-harness down\` lists those there are`)
  const owners = ownersOf(readLedger(run)).map((owner) => owner.process)
  for (const owner of owners) signal(owner, 'SIGTERM')
  await awaitDeath(() => owners, limitMs('part-stop'))
  await undoRun(run)
}

/** Kills the owners and processes of a run and removes its containers and folders. Safe to repeat, and to be cut off at any point. */
export async function undoRun(run: string): Promise<void> {
  const lines = readLedger(run)
  const owners = ownersOf(lines)
    .map((owner) => owner.process)
    .filter((owner) => owner.pid !== process.pid)
  await undoLines(lines, () => [...owners, ...straysOf(run, runFolder(run))])
  await removeFolder(runFolder(run))
}

/** Undoes what one owner of a living run left behind when it died. */
export async function undoOwner(run: string, owner: number): Promise<void> {
  const lines = readLedger(run).filter((line) => line.kind !== 'owner' && line.owner === owner)
  const folders = pathsOf(lines, 'folder')
  await undoLines(lines, () => folders.flatMap((folder) => straysOf(run, folder)))
}

async function undoLines(lines: readonly LedgerLine[], findOthers: () => readonly ProcessId[]): Promise<void> {
  const started = lines.filter((line) => line.kind === 'process').map((line) => line.process)
  await killAll(() => [...started.flatMap(familyOf), ...findOthers()])
  sweepSharedMemory(started)
  for (const path of pathsOf(lines, 'mount')) unmountDisk(path)
  for (const line of lines) if (line.kind === 'container') await removeContainers(line.label)
  for (const folder of pathsOf(lines, 'folder')) await removeFolder(folder)
}

/** A ledger is only text on a disk: nothing outside the state root is touched on its word. */
function pathsOf(lines: readonly LedgerLine[], kind: 'folder' | 'mount'): readonly string[] {
  const paths = lines.filter((line) => line.kind === kind).map((line) => resolve((line as { path: string }).path))
  return paths.filter((path) => path.startsWith(`${stateRoot()}/`))
}

/** A Postgres server ends its children and gives back its memory when asked by SIGQUIT; whoever is left a moment later is killed. */
async function killAll(find: () => readonly ProcessId[]): Promise<void> {
  const deadline = Date.now() + limitMs('undo-run')
  for (let round = 0; ; round++) {
    const targets = find().filter(isAlive)
    if (targets.length === 0) return
    if (Date.now() > deadline)
      throw new HarnessError('time-out', `processes ${targets.map(({ pid }) => pid).join(', ')} do not die: kill them by hand`)
    for (const target of targets) {
      signal(target, 'SIGCONT')
      signal(target, round === 0 ? 'SIGQUIT' : 'SIGKILL')
    }
    await awaitDeath(() => targets, round === 0 ? 1_000 : 2_000)
  }
}

/** Not by which may spin for ever where somebody else removes the same folder at the same time. */
async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
}

async function removeContainers(label: string): Promise<void> {
  const docker = async (...args: string[]) => (await promisify(execFile)('docker', args, { timeout: 30_000 })).stdout.trim()
  const ids = (await docker('ps', '-aq', '--filter', `label=${label}`)).split('\n').filter((id) => id !== '')
  if (ids.length > 0) await docker('rm', '-f', '-v', ...ids)
}
