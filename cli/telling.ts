/** Reads a run's evidence as it grows, so that each entry can be told with its verdict while the run works. */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { EvidenceLine } from '../spec/evidence.ts'
import type { Spec } from '../spec/load.ts'
import { isUndecided } from '../spec/undecided.ts'
import { foldEvidence, surpriseOf, type Folded } from '../spec/verdict.ts'

export interface Telling {
  readonly folded: Folded
  /** In words, if the verdict is not the expected one. */
  readonly surprise: string | null
  /** Its figures did not decide on this machine. */
  readonly open: boolean
}

/** Gives the verdict of an entry's newest attempt, or null if there is no evidence of it. */
export function followEvidence(spec: Spec, dir: string): (id: string) => Telling | null {
  const next = followLines(join(dir, 'evidence.jsonl'))
  const newest = new Map<string, EvidenceLine[]>()
  return (id) => {
    for (const line of next()) {
      if (!('entry' in line)) continue
      if (line.kind === 'started') newest.set(line.entry, [])
      newest.get(line.entry)?.push(line)
    }
    const entry = spec.entries.get(id)
    const folded = entry === undefined ? undefined : foldEvidence(entry, newest.get(id) ?? [])[0]
    if (entry === undefined || folded === undefined) return null
    return { folded, surprise: surpriseOf(entry, folded, folded.setting.pooler), open: isUndecided(entry, folded) }
  }
}

/** Each call returns the whole lines that were written since the last. */
function followLines(file: string): () => EvidenceLine[] {
  let at = 0
  let rest = ''
  return () => {
    const chunk = existsSync(file) ? readFrom(file, at) : Buffer.alloc(0)
    at += chunk.length
    const rows = (rest + chunk.toString('latin1')).split('\n')
    rest = rows.pop() ?? ''
    return rows.filter((row) => row !== '').map((row) => JSON.parse(Buffer.from(row, 'latin1').toString()) as EvidenceLine)
  }
}

function readFrom(file: string, at: number): Buffer {
  const fd = openSync(file, 'r')
  try {
    const chunk = Buffer.alloc(Math.max(0, statSync(file).size - at))
    return chunk.subarray(0, readSync(fd, chunk, 0, chunk.length, at))
  } finally {
    closeSync(fd)
  }
}
