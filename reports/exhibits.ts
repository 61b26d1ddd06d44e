/** What the evidence shows beside its verdict: figures that were measured, files that were kept, versions that ran. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { resolve, sep } from 'node:path'
import type { EvidenceLine, Setting } from '../spec/evidence.ts'
import type { RunOnDisk } from './read.ts'

export interface Measured {
  readonly name: string
  readonly value: number
  readonly unit: string
}

export interface Kept {
  readonly name: string
  /** Relative to the folder of the run. */
  readonly path: string
  /** Absolute. */
  readonly file: string
  readonly sha256: string
  /** `changed`: it is not what the evidence recorded; `gone`: it is not there, or lies outside of the run. */
  readonly state: 'whole' | 'changed' | 'gone'
}

export interface Exhibits {
  readonly measured: readonly Measured[]
  readonly kept: readonly Kept[]
  /** Part → the version it told. */
  readonly versions: Readonly<Record<string, string>>
}

export const noExhibits: Exhibits = { measured: [], kept: [], versions: {} }

/** Of one entry on one system; `lines` are the entry's own, in order. */
export function exhibitsOf(run: RunOnDisk, lines: readonly EvidenceLine[], setting: Setting): Exhibits {
  const own = linesOn(lines, setting)
  const stacks = run.lines.filter((line) => line.kind === 'stack')
  return {
    measured: own.filter((line) => line.kind === 'measured').map(({ name, value, unit }) => ({ name, value, unit })),
    kept: own.filter((line) => line.kind === 'attached').map((line) => keptFrom(line, run.dir)),
    versions: stacks.findLast((line) => line.setting.fingerprint === setting.fingerprint)?.versions ?? {},
  }
}

/** The lines of the attempts on that pooler and topology. */
function linesOn(lines: readonly EvidenceLine[], { pooler, topology }: Setting): readonly EvidenceLine[] {
  let inside = false
  return lines.filter((line) => {
    if (line.kind === 'started') inside = line.setting.pooler === pooler && line.setting.topology === topology
    return inside
  })
}

function keptFrom({ name, path, sha256 }: Extract<EvidenceLine, { kind: 'attached' }>, dir: string): Kept {
  const file = resolve(dir, path)
  return { name, path, file, sha256, state: stateOf(file, dir, sha256) }
}

function stateOf(file: string, dir: string, sha256: string): Kept['state'] {
  if (!file.startsWith(resolve(dir) + sep) || !existsSync(file)) return 'gone'
  return createHash('sha256').update(readFileSync(file)).digest('hex') === sha256 ? 'whole' : 'changed'
}
