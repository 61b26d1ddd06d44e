/** One row for each entry and system it met: the verdict, whether it was expected, and by which evidence. */
import type { Entry } from '../spec/entry.ts'
import type { EvidenceLine } from '../spec/evidence.ts'
import type { Spec } from '../spec/load.ts'
import { expectationOf, foldEvidence, surpriseOf, type Folded, type Verdict } from '../spec/verdict.ts'
import type { Plan, RunOnDisk } from './read.ts'
import { sift, today, type StandIns, type Today } from './validity.ts'

export interface Row {
  readonly entry: Entry
  readonly verdict: Verdict
  /** `none` only for entries without evidence and without a plan. */
  readonly pooler: Folded['setting']['pooler']
  /** What the evidence says; null if there is none that counts. */
  readonly folded: Folded | null
  readonly run: string | null
  /** In words, if the verdict is not the expected one. */
  readonly surprise: string | null
  /** The reason of any verdict but a plain proof. */
  readonly why: string
  /** The plan wanted it. */
  readonly planned: boolean
  /** What has changed since evidence was gathered that does not count any more. */
  readonly stale: readonly string[]
  /** A refutation that the specification expects, in its words. */
  readonly finding: string | null
}

/** The newest evidence that counts, over some runs, for every entry of the specification. */
export function rowsOf(
  spec: Spec,
  runs: readonly RunOnDisk[],
  { standIns = 'refused', now = today() }: { readonly standIns?: StandIns; readonly now?: Today } = {},
): readonly Row[] {
  const newest = new Map<string, { folded: Folded; run: string }>()
  const stale = new Map<string, readonly string[]>()
  for (const run of runs) {
    const sifted = sift(run, spec, now, standIns)
    for (const [id, changed] of sifted.stale) stale.set(id, changed)
    for (const [id, lines] of linesByEntry(sifted.lines)) {
      const entry = spec.entries.get(id)
      if (entry === undefined) continue
      for (const folded of foldEvidence(entry, lines))
        newest.set(`${id}\0${folded.setting.pooler}\0${folded.setting.topology}`, { folded, run: run.name })
    }
  }
  const plan = runs.at(-1)?.plan ?? null
  return [...spec.entries.values()].flatMap((entry) => {
    const found = [...newest.values()].filter(({ folded }) => folded.entry === entry.id)
    const told = found.map(({ folded, run }) => rowOf(entry, folded, run, plan, stale.get(entry.id) ?? []))
    const lacking = wantedPoolers(entry, plan).filter((pooler) => !told.some((row) => row.pooler === pooler))
    if (told.length === 0 && lacking.length === 0) return [missingRow(entry, 'none', plan, stale.get(entry.id) ?? [])]
    return [...told, ...lacking.map((pooler) => missingRow(entry, pooler, plan, stale.get(entry.id) ?? []))]
  })
}

/** Each pooler that the plan wanted the entry tried on must have a row, be it an empty one. */
function wantedPoolers(entry: Entry, plan: Plan | null): readonly Row['pooler'][] {
  if (plan === null || !isPlanned(entry, plan)) return []
  return (['pgdog', 'router'] as const).filter((pooler) => plan.pooler.split('+').includes(pooler))
}

function linesByEntry(lines: readonly EvidenceLine[]): ReadonlyMap<string, EvidenceLine[]> {
  return Map.groupBy(
    lines.filter((line) => 'entry' in line),
    (line) => (line as { entry: string }).entry,
  )
}

function rowOf(entry: Entry, folded: Folded, run: string, plan: Plan | null, stale: readonly string[]): Row {
  const { pooler } = folded.setting
  const surprise = surpriseOf(entry, folded, pooler)
  const expected = expectationOf(entry, pooler)
  const finding = surprise === null && expected.verdict === 'refuted' ? expected.because : null
  const flip = folded.flipped ? 'attempts do not agree; ' : ''
  return {
    entry,
    verdict: folded.verdict,
    pooler,
    folded,
    run,
    surprise,
    why: flip + folded.why,
    planned: isPlanned(entry, plan),
    stale,
    finding,
  }
}

function missingRow(entry: Entry, pooler: Row['pooler'], plan: Plan | null, stale: readonly string[]): Row {
  const told = plan?.entries.find((one) => one.id === entry.id)
  const old = stale.length > 0 ? `there is evidence, but since then ${stale.join(', ')} changed` : null
  const why = old ?? (told === undefined || told.in ? 'it never ran' : `not run: ${told.why}`)
  return {
    entry,
    verdict: 'missing',
    pooler,
    folded: null,
    run: null,
    surprise: null,
    why,
    planned: isPlanned(entry, plan),
    stale,
    finding: null,
  }
}

function isPlanned(entry: Entry, plan: Plan | null): boolean {
  return plan?.entries.find((one) => one.id === entry.id)?.in ?? false
}
