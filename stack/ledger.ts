/** The ledger of a run: who owns it, and every resource with how to undo it, written to disk before the act. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { identify, type ProcessId } from './processes.ts'
import { runFolder } from './state.ts'

/** `main` speaks for the run; a `worker` raises stacks for it. */
export type OwnerRole = 'main' | 'worker'

export type LedgerLine =
  | { readonly kind: 'owner'; readonly role: OwnerRole; readonly process: ProcessId }
  | { readonly kind: 'process'; readonly owner: number; readonly name: string; readonly process: ProcessId }
  | { readonly kind: 'folder'; readonly owner: number; readonly path: string }
  | { readonly kind: 'container'; readonly owner: number; readonly label: string }
  | { readonly kind: 'closed'; readonly owner: number }

export interface Ledger {
  readonly run: string
  /** The run's folder below the state root. */
  readonly dir: string
  note(line: LedgerLine): void
}

/** Opens the ledger of a run for this process, which becomes one of its owners. */
export function openLedger(run: string, role: OwnerRole): Ledger {
  const dir = runFolder(run)
  mkdirSync(dir, { recursive: true, mode: 0o711 })
  const note = (line: LedgerLine) => appendFileSync(join(dir, 'ledger.jsonl'), `${JSON.stringify(line)}\n`, { flush: true })
  const self = identify(process.pid)
  const known = readLedger(run).some(
    (line) => line.kind === 'owner' && line.process.pid === process.pid && line.process.started === self?.started,
  )
  if (!known && self !== null) note({ kind: 'owner', role, process: self })
  return { run, dir, note }
}

/** The lines of a ledger; a last line cut off by a crash is left out. */
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
