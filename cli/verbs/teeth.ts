/** `teeth`: every liar must be found out by an assertion of the clauses it names, and every live clause must have a liar. */
import type { Row } from '../../reports/rows.ts'
import { clausesOf, misnamedClauses, readLiars, sampleOf, toothlessClauses, type Liar, type NamedClause } from '../liars.ts'
import { specification } from '../project.ts'
import { runSuite } from '../run-suite.ts'
import { readCount, readSuiteOptions } from '../suite-options.ts'
import { mustKnow } from '../usage.ts'

interface RawTeeth {
  readonly sample?: string
  readonly seed?: string
  readonly json?: boolean
}

export async function teeth(names: readonly string[], { sample, seed = '1', json = false }: RawTeeth): Promise<number> {
  const say = json ? () => {} : (line: string) => console.log(line)
  const spec = specification()
  const all = await readLiars()
  const confrontations: Confrontation[] = []
  for (const liar of choose(all, names, sample, seed)) {
    const found = await confront(liar, seed)
    confrontations.push(found)
    for (const line of tell(found)) say(line)
    if (found.interrupted !== null) return found.interrupted
  }
  const flaws = [
    ...toothlessClauses(spec, all).map((clause) => `toothless: ${clause} is refuted by no liar`),
    ...misnamedClauses(spec, all),
  ]
  for (const flaw of flaws) say(flaw)
  const count = (fate: Fate) => confrontations.flatMap(({ found }) => found).filter((one) => one.fate === fate).length
  const outcome = { passed: count('caught'), failed: count('missed') + flaws.length, skipped: count('untried') }
  const exitCode = outcome.failed === 0 ? 0 : 1
  if (json) console.log(JSON.stringify({ ...outcome, exitCode, flaws, liars: confrontations }, null, 2))
  say(`${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped} skipped`)
  return exitCode
}

function choose(all: readonly Liar[], names: readonly string[], sample: string | undefined, seed: string): readonly Liar[] {
  const known = all.map((liar) => liar.name)
  for (const name of names) mustKnow('liar', name, known)
  const wanted = names.length > 0 ? all.filter((liar) => names.includes(liar.name)) : all
  return sample === undefined ? wanted : sampleOf(wanted, readCount('--sample', sample), seed)
}

/** `untried`: a capability the clause needs is absent here, or the machine is too small to show it. */
type Fate = 'caught' | 'missed' | 'untried'

interface Finding extends NamedClause {
  readonly fate: Fate
  readonly why: string
}

interface Confrontation {
  readonly liar: string
  readonly lie: string
  readonly run: string
  readonly found: readonly Finding[]
  /** Clauses it did not name and that were not proved in front of it. */
  readonly alsoUpset: readonly string[]
  readonly ms: number
  /** The exit code if the run was asked to stop. */
  readonly interrupted: number | null
}

/** Runs the entries the liar names against it. Its place may be the router's, so the pooler is the router. */
async function confront(liar: Liar, seed: string): Promise<Confrontation> {
  const start = performance.now()
  const options = readSuiteOptions([], { id: Object.keys(liar.refutes), liar: liar.name, pooler: 'router', seed })
  const { rows, run, interrupted, exitCode } = await runSuite(options, { say: () => {}, color: false }, `liar-${liar.name}`)
  const named = clausesOf(liar)
  return {
    liar: liar.name,
    lie: liar.why,
    run,
    found: named.map((clause) => ({ ...clause, ...fateOf(rows, clause) })),
    alsoUpset: upsetBeyond(rows, named),
    ms: Math.round(performance.now() - start),
    interrupted: interrupted ? exitCode : null,
  }
}

/** Only an assertion refutes a clause: a crash, a time-out or a missing row is a miss. */
function fateOf(rows: readonly Row[], { id, clause }: NamedClause): { readonly fate: Fate; readonly why: string } {
  const outcome = rows.find((row) => row.entry.id === id && row.planned)?.folded?.clauses[clause]
  const why = outcome === undefined || outcome.verdict === 'proved' ? '' : (outcome.why.split('\n')[0] ?? '')
  if (outcome?.verdict === 'refuted') return { fate: 'caught', why }
  const tooSmall = outcome?.verdict === 'unknown' && outcome.reason === 'machine-too-small'
  return outcome?.verdict === 'unsupported' || tooSmall
    ? { fate: 'untried', why }
    : { fate: 'missed', why: `${outcome?.verdict ?? 'missing'} ${why}` }
}

function upsetBeyond(rows: readonly Row[], named: readonly NamedClause[]): readonly string[] {
  return rows.flatMap((row) =>
    Object.entries(row.folded?.clauses ?? {})
      .filter(([key, { verdict }]) => verdict !== 'proved' && !named.some(({ id, clause }) => id === row.entry.id && clause === key))
      .map(([key, { verdict }]) => `${row.entry.id} ${key} ${verdict}`),
  )
}

function tell({ liar, lie, run, found, alsoUpset, ms, interrupted }: Confrontation): readonly string[] {
  if (interrupted !== null) return [`stopped while ${liar} was up`]
  const missed = found.filter((one) => one.fate === 'missed')
  const untried = found.filter((one) => one.fate === 'untried')
  const word = missed.length > 0 ? 'MISSED ' : untried.length === found.length ? 'untried' : 'caught '
  return [
    `${word} ${liar.padEnd(40)} ${(ms / 1000).toFixed(1).padStart(5)} s  ${lie}`,
    ...missed.map(({ id, clause, why }) => `        ${id} ${clause} is ${why}: see out/${run}`),
    ...untried.map(({ id, clause, why }) => `        ${id} ${clause} cannot be tried here: ${why}`),
    ...(alsoUpset.length > 0 ? [`        also upset: ${alsoUpset.join(', ')}`] : []),
  ]
}
