/** A run of measuring outside of the suites: its name and folder, the system it asks for, and its figures in the history. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from '../perf/environment.ts'
import { openHistory } from '../perf/history/open.ts'
import { recordRun, type Reading } from '../perf/history/record.ts'
import { drawPlot } from '../perf/plots/svg.ts'
import type { Plot } from '../perf/plots/plot.ts'
import type { Stack } from '../stack/stack.ts'
import type { Topology, TopologyWish } from '../stack/topology.ts'
import { defaultTopology } from '../stack/wish.ts'
import { outFolder, refuseFullDisk, versionOf } from './project.ts'
import { readSuiteOptions, type RawOptions } from './suite-options.ts'
import { UsageError } from './usage.ts'

export interface BenchRun {
  readonly name: string
  readonly dir: string
  readonly topology: Topology
  readonly seed: string
  readonly standIn: string | null
}

export type BenchOptions = Pick<RawOptions, 'pooler' | 'topology' | 'part' | 'liar' | 'seed'>

/** One pooler; parts talk to each other directly: a link between them would be measured as well. */
export function beginBench(kind: string, raw: BenchOptions, wish: TopologyWish = {}): BenchRun {
  const { poolers, topology, programs, seed, liar } = readSuiteOptions([], raw)
  if (poolers.length > 1) throw new UsageError('--pooler all: one system is measured at a time: name pgdog or router')
  const name = `${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}-${kind}-${randomBytes(2).toString('hex')}`
  const dir = join(outFolder(), name)
  mkdirSync(dir, { recursive: true })
  refuseFullDisk(dir)
  const wished = defaultTopology({ links: 'direct', programs, pooler: { kind: poolers[0] ?? 'router' } }, wish, topology)
  return { name, dir, topology: wished, seed, standIn: liar }
}

/** Writes the files of a run and its plots; resolves to the names of the plots. */
export function keepBench(run: BenchRun, files: Readonly<Record<string, unknown>>, plots: readonly Plot[]): readonly string[] {
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(run.dir, name), typeof content === 'string' ? content : JSON.stringify(content, null, 2))
  return plots.map((plot) => {
    const file = join(
      run.dir,
      `${plot.title
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, '-')
        .replaceAll(/^-|-$/g, '')
        .slice(0, 60)}.svg`,
    )
    writeFileSync(file, drawPlot(plot, 'alone'))
    return file
  })
}

/** `kind` stands in the history where an entry's id would. */
export function rememberBench(
  kind: string,
  run: BenchRun,
  stack: Pick<Stack, 'setting' | 'versions'>,
  environment: Environment,
  readings: readonly Reading[],
): void {
  const { text: version, dirty } = versionOf()
  const { name, seed, standIn } = run
  const at = new Date().toISOString()
  using history = openHistory()
  recordRun(
    history,
    { name, at, version, dirty, seed, profile: kind, machine: environment.machine, standIn, environment },
    readings.map((told) => ({ system: stack, entry: kind, attempt: 1, at, told })),
  )
}
