/** What the command line told this worker about the run: where evidence goes, which system is wished, which seed holds. */
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { PoolerKind } from '../../spec/entry.ts'
import type { TopologyWish } from '../../stack/topology.ts'

export interface Run {
  readonly id: string
  /** Folder of the run, absolute. */
  readonly dir: string
  readonly seed: string
  /** Counts from 1; `--repeat` raises it. */
  readonly attempt: number
  readonly pooler: PoolerKind | null
  readonly provider: 'embedded' | 'docker'
  /** Laid over the default, under what a test file wishes. */
  readonly topology: TopologyWish
  readonly programs: Readonly<Record<string, string>>
  readonly liar: string | null
  readonly profile: string
  /** The command that repeats one entry, with `{id}` for the entry; null in a bare run. */
  readonly repeat: string | null
}

/** Reads the run from the environment; a bare `vitest` gets a run of its own under `out/`. */
export function readRun(env: NodeJS.ProcessEnv = process.env): Run {
  const id = env['OROCHI_RUN'] ?? `bare-${Date.now().toString(36)}`
  const dir = resolve(env['OROCHI_RUN_DIR'] ?? join('out', id))
  mkdirSync(dir, { recursive: true })
  return {
    id,
    dir,
    seed: env['OROCHI_SEED'] ?? randomBytes(8).toString('hex'),
    attempt: Number(env['OROCHI_ATTEMPT'] ?? '1'),
    pooler: (env['OROCHI_POOLER'] as PoolerKind | undefined) ?? null,
    provider: env['OROCHI_PROVIDER'] === 'docker' ? 'docker' : 'embedded',
    topology: parse(env['OROCHI_TOPOLOGY']) as TopologyWish,
    programs: parse(env['OROCHI_PROGRAMS']) as Record<string, string>,
    liar: env['OROCHI_LIAR'] || null,
    profile: env['OROCHI_PROFILE'] ?? 'quick',
    repeat: env['OROCHI_REPEAT'] ?? null,
  }
}

function parse(text: string | undefined): unknown {
  return text === undefined || text === '' ? {} : JSON.parse(text)
}
