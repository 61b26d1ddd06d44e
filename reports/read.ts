/** Reads runs from disk: their evidence, and the plan they were made by. */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { EvidenceLine } from '../spec/evidence.ts'
import { flawOf } from './line-check.ts'

export interface PlannedEntry {
  readonly id: string
  readonly in: boolean
  /** Why it is in, or why it is not. */
  readonly why: string
  readonly needs: readonly string[]
  /** How long it took last time, ms; null if it never ran. */
  readonly lastMs: number | null
}

export interface Plan {
  /** SHA-256 (hex) over everything that decides which proofs are tried on what. */
  readonly hash: string
  /** The poolers, joined by `+`. */
  readonly pooler: string
  readonly provider: string
  readonly entries: readonly PlannedEntry[]
}

export interface RunOnDisk {
  readonly name: string
  readonly dir: string
  readonly lines: readonly EvidenceLine[]
  readonly run: Extract<EvidenceLine, { kind: 'run' }> | null
  readonly plan: Plan | null
}

/** One run. A last line that was cut off is left out; any other that cannot be read is an error with its place. */
export function readRun(dir: string): RunOnDisk {
  const file = join(dir, 'evidence.jsonl')
  const lines = existsSync(file) ? parseLines(readFileSync(file, 'utf8'), file) : []
  return { name: basename(dir), dir, lines, run: lines.find((line) => line.kind === 'run') ?? null, plan: readPlan(join(dir, 'plan.json')) }
}

function parseLines(text: string, file: string): EvidenceLine[] {
  const rows = text.split('\n')
  return rows.flatMap((row, index) => (row === '' ? [] : parseLine(row, `${file}:${index + 1}`, index === rows.length - 1)))
}

/** Only the last line can have been cut off: nothing follows it, not even a line's end. */
function parseLine(row: string, place: string, last: boolean): EvidenceLine[] {
  const value = parseJson(row)
  if (value === undefined && last) return []
  const flaw = value === undefined ? 'this line is no JSON' : flawOf(value)
  if (flaw !== null) throw new Error(`${place}: ${flaw}: restore the file, or remove the run`)
  return [value as EvidenceLine]
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function readPlan(file: string): Plan | null {
  if (!existsSync(file)) return null
  const plan = parseJson(readFileSync(file, 'utf8')) as Plan | undefined
  if (typeof plan?.pooler !== 'string' || !Array.isArray(plan.entries))
    throw new Error(`${file}: this is no plan: restore the file, or remove it`)
  return plan
}

/** All runs below a folder, the oldest first. */
export function readRuns(out: string): readonly RunOnDisk[] {
  if (!existsSync(out)) return []
  return readdirSync(out, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(out, entry.name, 'evidence.jsonl')))
    .map((entry) => readRun(join(out, entry.name)))
    .toSorted((a, b) => startOf(a).localeCompare(startOf(b)))
}

const startOf = (run: RunOnDisk) => run.lines[0]?.at ?? ''
