/** Reads runs from disk: their evidence, and the plan they were made by. */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { EvidenceLine } from '../spec/evidence.ts'

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
  /** SHA-256 (hex) over everything below. */
  readonly hash: string
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
  const planFile = join(dir, 'plan.json')
  return {
    name: basename(dir),
    dir,
    lines,
    run: lines.find((line) => line.kind === 'run') ?? null,
    plan: existsSync(planFile) ? (JSON.parse(readFileSync(planFile, 'utf8')) as Plan) : null,
  }
}

function parseLines(text: string, file: string): EvidenceLine[] {
  const rows = text.split('\n')
  return rows.flatMap((row, index) => {
    if (row === '') return []
    try {
      return [JSON.parse(row) as EvidenceLine]
    } catch {
      if (index === rows.length - 1) return []
      throw new Error(`${file}:${index + 1}: this line is no JSON: restore the file, or remove the run`)
    }
  })
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
