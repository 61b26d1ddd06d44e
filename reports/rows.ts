/** One row for each entry and system it met: the verdict, whether it was expected, and by which evidence. */
import type { Entry } from '../spec/entry.ts'
import type { EvidenceLine } from '../spec/evidence.ts'
import type { Spec } from '../spec/load.ts'
import { expectationOf, foldEvidence, surpriseOf, type Folded, type Verdict } from '../spec/verdict.ts'
import { exhibitsOf, noExhibits, type Exhibits } from './exhibits.ts'
import type { Gate } from './outcome.ts'
import type { RunOnDisk } from './read.ts'
import { sift, staleText, today, type Stale, type StaleAttempt, type StandIns, type Today } from './validity.ts'
import { wantsOf, type Wants } from './wants.ts'

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
  /** A plan wanted it, or it was tried. */
  readonly planned: boolean
  /** Evidence of it on other grounds than today's, if no newer one counts; of a single run: of the row itself. */
  readonly stale: Stale | null
  /** A refutation that the specification expects, in its words. */
  readonly finding: string | null
  /** Where an entry was tried on several topologies behind one pooler: what only this one's text has, such as `shards=8`. */
  readonly apart: string
  readonly exhibits: Exhibits
}

export interface RowOptions {
  readonly standIns?: StandIns
  readonly now?: Today
  readonly gate?: Gate
}

/** The newest evidence that counts, over some runs, for every entry of the specification. */
export function rowsOf(spec: Spec, runs: readonly RunOnDisk[], options: RowOptions = {}): readonly Row[] {
  const { standIns = 'refused', now = today(), gate = 'run' } = options
  const sifted = runs.map((run) => ({ run, ...sift(run, spec, now, standIns) }))
  const told = Map.groupBy(newestOf(spec, sifted), ({ folded }) => folded.entry)
  const stale = Map.groupBy(
    sifted.flatMap((one) => one.stale),
    (one) => one.entry,
  )
  const wants = wantsOf(spec, runs, { standIns, gate })
  return [...spec.entries.values()].flatMap((entry) => rowsOfEntry(entry, told.get(entry.id) ?? [], stale.get(entry.id) ?? [], wants))
}

/** Evidence of one run on one entry and system, folded. */
interface Found {
  readonly folded: Folded
  readonly run: RunOnDisk
  readonly lines: readonly EvidenceLine[]
}

function newestOf(spec: Spec, sifted: readonly { readonly run: RunOnDisk; readonly lines: readonly EvidenceLine[] }[]): readonly Found[] {
  const newest = new Map<string, Found>()
  for (const { run, lines } of sifted)
    for (const [id, own] of linesByEntry(lines)) {
      const entry = spec.entries.get(id)
      for (const folded of entry === undefined ? [] : foldEvidence(entry, own)) enter(newest, { folded, run, lines: own })
    }
  return [...newest.values()]
}

/**
 * Newer evidence takes the place of older on the same pooler and topology. What was unsupported tells nothing of the system and displaces
 * nothing; what did not come as far as a topology gives way to anything newer on its pooler.
 */
function enter(newest: Map<string, Found>, found: Found): void {
  const { entry, setting, verdict } = found.folded
  const place = (topology: string) => JSON.stringify([entry, setting.pooler, topology])
  if (verdict === 'unsupported' && newest.has(place(setting.topology))) return
  newest.delete(place('none'))
  newest.set(place(setting.topology), found)
}

function linesByEntry(lines: readonly EvidenceLine[]): ReadonlyMap<string, EvidenceLine[]> {
  return Map.groupBy(
    lines.filter((line) => 'entry' in line),
    (line) => line.entry,
  )
}

/** Each pooler that a plan wanted, or of which there is stale evidence, has a row, be it an empty one. */
function rowsOfEntry(entry: Entry, found: readonly Found[], stale: readonly StaleAttempt[], wants: Wants): readonly Row[] {
  const wanted = wants.poolers(entry.id)
  const told = found.map((one) => toldRow(entry, one, stale))
  const named = new Set([...wanted, ...stale.map((one) => one.pooler)])
  const lacking = [...named].filter((pooler) => !told.some((row) => row.pooler === pooler))
  const poolers = told.length + lacking.length === 0 ? (['none'] as const) : lacking
  return [...tellApart(told), ...poolers.map((pooler) => missingRow(entry, pooler, stale, wants))]
}

function tellApart(rows: readonly Row[]): readonly Row[] {
  const words = (row: Row) => row.folded?.setting.topology.split(' ') ?? []
  return rows.map((row) => {
    const others = rows.filter((other) => other !== row && other.pooler === row.pooler)
    const own = words(row).filter((word) => others.some((other) => !words(other).includes(word)))
    return { ...row, apart: own.join(' ') }
  })
}

function toldRow(entry: Entry, { folded, run, lines }: Found, attempts: readonly StaleAttempt[]): Row {
  const { pooler } = folded.setting
  const surprise = surpriseOf(entry, folded, pooler)
  const expected = expectationOf(entry, pooler)
  const stale = attempts.findLast((one) => one.pooler === pooler && one.run === run.name) ?? null
  const told = folded.reason === null ? folded.why : `${folded.reason}: ${folded.why}`
  const parts = [folded.flipped ? 'attempts do not agree' : '', told, stale === null ? '' : staleText(stale)]
  return {
    entry,
    verdict: folded.verdict,
    pooler,
    folded,
    run: run.name,
    surprise,
    why: parts.filter((part) => part !== '').join('; '),
    planned: true,
    stale,
    finding: surprise === null && expected.verdict === 'refuted' ? expected.because : null,
    apart: '',
    exhibits: exhibitsOf(run, lines, folded.setting),
  }
}

function missingRow(entry: Entry, pooler: Row['pooler'], attempts: readonly StaleAttempt[], wants: Wants): Row {
  const stale = attempts.findLast((one) => one.pooler === pooler) ?? null
  const why = stale === null ? wants.whyNot(entry.id, pooler) : `stale: ${staleText(stale)} (${stale.at.slice(0, 16)}, run ${stale.run})`
  const planned = wants.poolers(entry.id).has(pooler)
  return {
    entry,
    verdict: 'missing',
    pooler,
    folded: null,
    run: null,
    surprise: null,
    why,
    planned,
    stale,
    finding: null,
    apart: '',
    exhibits: noExhibits,
  }
}
