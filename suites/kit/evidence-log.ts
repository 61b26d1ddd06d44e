/** Appends evidence lines to the run's file as things happen, so that a killed run keeps what it had proved. */
import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { EvidenceLine } from '../../spec/evidence.ts'

type Untimed<L> = L extends EvidenceLine ? Omit<L, 'at'> : never

export interface EvidenceLog {
  readonly dir: string
  /** What this worker has written so far. */
  readonly lines: readonly EvidenceLine[]
  append(line: Untimed<EvidenceLine>): void
  /** Stores a file below the run and returns its path (relative to the run) and digest. */
  store(path: string, content: string | Buffer): { readonly path: string; readonly sha256: string }
}

/** One synchronous append per line: what is on disk is what happened. */
export function openEvidence(dir: string): EvidenceLog {
  const file = join(dir, 'evidence.jsonl')
  const lines: EvidenceLine[] = []
  return {
    dir,
    lines,
    append(untimed) {
      const line = { ...untimed, at: new Date().toISOString() } as EvidenceLine
      appendFileSync(file, `${JSON.stringify(line)}\n`)
      lines.push(line)
    },
    store(path, content) {
      const full = join(dir, path)
      mkdirSync(dirname(full), { recursive: true })
      writeFileSync(full, content)
      return { path, sha256: createHash('sha256').update(content).digest('hex') }
    },
  }
}
