/** The ledger of a run: who owns it, and every resource with how to undo it, written to disk before the act. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HarnessError, asHarnessError } from './harness-error.ts'
import { identify, type ProcessId } from './processes.ts'
import { makeFolder, runFolder, stateFolder } from './state.ts'

/** `main` speaks for the run; a `worker` raises stacks for it. */
export type OwnerRole = 'main' | 'worker'

export type LedgerLine =
  | { readonly kind: 'owner'; readonly role: OwnerRole; readonly process: ProcessId }
  | { readonly kind: 'process'; readonly owner: number; readonly name: string; readonly process: ProcessId }
  | { readonly kind: 'folder'; readonly owner: number; readonly path: string }
  | { readonly kind: 'mount'; readonly owner: number; readonly path: string }
  | { readonly kind: 'container'; readonly owner: number; readonly label: string }
  | { readonly kind: 'closed'; readonly owner: number }

export interface Ledger {
  readonly run: string
  /** The run's folder below the state root. */
  readonly dir: string
  /** On disk once it returns. */
  note(line: LedgerLine): void
}

/** Opens the ledger of a run for this process, which becomes one of its owners. */
export function openLedger(run: string, role: OwnerRole): Ledger {
  if (!/^[\w.-]{1,100}$/.test(run) || /^\.+$/.test(run))
    throw new HarnessError('no-such-run', `"${run}" cannot name a run: letters, digits, dots and dashes only`)
  stateFolder('runs')
  const dir = makeFolder(runFolder(run))
  // The line break in front ends a line that a crash cut off.
  const note = (line: LedgerLine) => append(join(dir, 'ledger.jsonl'), `\n${JSON.stringify(line)}\n`)
  const self = identify(process.pid)
  const known = readLedger(run).some(
    (line) => line.kind === 'owner' && line.process.pid === process.pid && line.process.started === self?.started,
  )
  if (!known && self !== null) note({ kind: 'owner', role, process: self })
  return { run, dir, note }
}

function append(file: string, text: string): void {
  try {
    appendFileSync(file, text, { flush: true, mode: 0o600 })
  } catch (error) {
    throw asHarnessError(error, 'state-unusable')
  }
}

/** The lines of a ledger; a last line cut off by a crash is left out: its act never happened. */
export function readLedger(run: string): readonly LedgerLine[] {
  const file = join(runFolder(run), 'ledger.jsonl')
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8').split('\n').flatMap(parseLine)
}

function parseLine(text: string): LedgerLine[] {
  try {
    return text === '' ? [] : [JSON.parse(text) as LedgerLine]
  } catch {
    return []
  }
}
