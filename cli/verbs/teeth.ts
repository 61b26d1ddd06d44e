/** `teeth`: every liar must be found out by an assertion of the clauses it names, and every live clause must have a liar. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Lie } from '../../liars/kit/lie.ts'
import type { Row } from '../../reports/rows.ts'
import { loadSpec, type Spec } from '../../spec/load.ts'
import { projectRoot } from '../project.ts'
import { runSuite } from '../run-suite.ts'
import { readSuiteOptions } from '../suite-options.ts'
import { mustKnow, UsageError } from '../usage.ts'

interface Liar extends Lie {
  readonly name: string
}

export async function teeth(names: readonly string[], { sample, seed = '1' }: { sample?: string; seed?: string }): Promise<number> {
  const all = await readLiars()
  for (const name of names)
    mustKnow(
      'liar',
      name,
      all.map((liar) => liar.name),
    )
  const wanted = names.length > 0 ? all.filter((liar) => names.includes(liar.name)) : all
  const chosen = sample === undefined ? wanted : pick(wanted, Number(sample), seed)
  if (chosen.length === 0) throw new UsageError('no liar is selected')
  let [caught, missed] = [0, 0]
  for (const liar of chosen) {
    const found = await confront(liar)
    caught += found.caught
    missed += found.missed.length
    console.log(
      `${found.missed.length === 0 ? 'caught ' : 'MISSED '} ${liar.name.padEnd(40)} ${(found.ms / 1000).toFixed(1)} s  ${liar.why}`,
    )
    for (const line of found.missed) console.log(`        ${line}`)
    if (found.alsoUpset.length > 0) console.log(`        also upset: ${found.alsoUpset.join(', ')}`)
  }
  const toothless = toothlessClauses(loadSpec(), all)
  for (const clause of toothless) console.log(`toothless: ${clause} has no liar`)
  console.log(`${caught} passed, ${missed + toothless.length} failed, 0 skipped`)
  return missed + toothless.length === 0 ? 0 : 1
}

async function readLiars(): Promise<readonly Liar[]> {
  const folder = join(projectRoot, 'liars')
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name))
  return Promise.all(
    files.map(async ({ name }) => {
      const { default: lie } = (await import(pathToFileURL(join(folder, name)).href)) as { default: Lie }
      return { ...lie, name: name.replace(/\.ts$/, '') }
    }),
  )
}

/** A sample that the seed alone decides. */
function pick<T extends { readonly name: string }>(from: readonly T[], count: number, seed: string): readonly T[] {
  if (!Number.isInteger(count) || count < 1) throw new UsageError(`--sample ${count}: a whole number from 1 on is wanted`)
  const weight = ({ name }: T) =>
    Array.from(Buffer.from(`${seed}/${name}`)).reduce((hash, char) => Math.imul(hash ^ char, 0x0100_0193) >>> 0, 0x811c_9dc5)
  return from.toSorted((a, b) => weight(a) - weight(b)).slice(0, count)
}

interface Confrontation {
  readonly caught: number
  readonly missed: readonly string[]
  readonly alsoUpset: readonly string[]
  readonly ms: number
}

/** Runs the entries the liar names against it. It lies for the router's part, so the pooler is the router. */
async function confront(liar: Liar): Promise<Confrontation> {
  const start = performance.now()
  const options = readSuiteOptions([], { id: Object.keys(liar.refutes), liar: liar.name, pooler: 'router', seed: '1' })
  const { rows } = await runSuite(options, { say: () => {}, color: false }, `liar-${liar.name}`)
  const named = Object.entries(liar.refutes).flatMap(([id, clauses]) => clauses.map((clause) => ({ id, clause })))
  const missed = named.flatMap(({ id, clause }) => notCaught(rows, id, clause))
  const upset = rows.flatMap((row) =>
    Object.entries(row.folded?.clauses ?? {})
      .filter(([key, outcome]) => outcome.verdict !== 'proved' && !named.some(({ id, clause }) => id === row.entry.id && clause === key))
      .map(([key, outcome]) => `${row.entry.id} ${key} ${outcome.verdict}`),
  )
  return { caught: named.length - missed.length, missed, alsoUpset: upset, ms: performance.now() - start }
}

function notCaught(rows: readonly Row[], id: string, clause: string): string[] {
  const outcome = rows.find((row) => row.entry.id === id)?.folded?.clauses[clause]
  if (outcome?.verdict === 'refuted') return []
  return [
    `${id} ${clause} is ${outcome?.verdict ?? 'missing'}${outcome !== undefined && 'why' in outcome ? `: ${outcome.why.split('\n')[0]}` : ''}`,
  ]
}

function toothlessClauses(spec: Spec, liars: readonly Liar[]): string[] {
  const bitten = new Set(
    liars.flatMap((liar) => Object.entries(liar.refutes).flatMap(([id, clauses]) => clauses.map((clause) => `${id} ${clause}`))),
  )
  return [...spec.entries.values()]
    .filter((entry) => entry.status === 'live')
    .flatMap((entry) => entry.clauses.map((clause) => `${entry.id} ${clause.key}`).filter((name) => !bitten.has(name)))
}
