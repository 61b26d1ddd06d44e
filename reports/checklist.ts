/** The completion checklist, answered: for every marker what is proved, by which evidence, on which system, how old. */
import type { Deliverable, PhaseItem } from '../spec/checklist.ts'
import type { Spec } from '../spec/load.ts'
import { worst, type Verdict } from '../spec/verdict.ts'
import { judgeArtefact, type Artefact } from './artefacts.ts'
import type { Row } from './rows.ts'
import { staleText } from './validity.ts'
import { isAboutPooler } from './wants.ts'

export type MarkerState = Verdict | 'superseded' | 'needs people'

export interface Proof {
  readonly entry: string
  readonly verdict: Verdict
  readonly pooler: string
  readonly run: string
  readonly fingerprint: string
  readonly at: string
}

export interface Answer {
  readonly id: string
  readonly kind: 'marker' | 'test marker' | 'phase item' | 'deliverable'
  readonly phase: number | null
  readonly section: string | null
  readonly owner: string | null
  readonly title: string
  readonly state: MarkerState
  /** What the state alone does not tell: `proved on the router only`, `3 of 7 proved`. */
  readonly remark: string | null
  /** What is lacking, or what it was superseded by. */
  readonly why: string
  readonly proofs: readonly Proof[]
  /** What was found on the artefact it asks for; null if it asks for none beside its entries or markers. */
  readonly artefact: Artefact | null
}

type Head = Pick<Answer, 'id' | 'kind' | 'phase' | 'section' | 'owner' | 'title'>
type Rows = ReadonlyMap<string, readonly Row[]>

/** Something that must hold for an item to be complete. */
interface Part {
  readonly state: MarkerState
  /** What is lacking; said only if it is not proved. */
  readonly why: string
  /** It is proved, but on the router and not on the system the checklist speaks of. */
  readonly routerOnly: boolean
}

/** Every marker of the specification with its state: P, T, C and D, in that order. */
export function answerChecklist(spec: Spec, rows: readonly Row[]): readonly Answer[] {
  const byEntry = Map.groupBy(rows, (row) => row.entry.id)
  const markers = [...spec.markers.values()].map((marker) => {
    const tests = [...marker.evidence.tests, ...marker.evidence.testsExtended]
    return answerMarker({ ...marker, kind: 'marker', tests, asks: marker.evidence.artefact }, spec, byEntry)
  })
  const testMarkers = [...spec.tests.values()].map((marker) => {
    const { tests, artefact } = marker.evidence
    return answerMarker({ ...marker, kind: 'test marker', phase: null, tests, asks: artefact }, spec, byEntry)
  })
  const answered = new Map([...markers, ...testMarkers].map((one) => [one.id, one]))
  const items = [...spec.phaseItems.values()].map((item) => answerItem({ ...item, kind: 'phase item' }, answered, spec, byEntry))
  const handed = [...spec.deliverables.values()].map((item) => answerItem({ ...item, kind: 'deliverable' }, answered, spec, byEntry))
  return [...markers, ...testMarkers, ...items, ...handed]
}

interface Asked extends Head {
  readonly needsPeople: boolean
  readonly superseded: { readonly by: string; readonly why: string } | null
  readonly tests: readonly string[]
  /** The artefact, in words. */
  readonly asks: string
}

function answerMarker(asked: Asked, spec: Spec, rows: Rows): Answer {
  const proofs = asked.tests.flatMap((test) => (rows.get(test) ?? []).flatMap(proofOf))
  const artefact = judgeArtefact(asked.id, asked.asks, asked.tests.length > 0)
  const head = { ...headOf(asked), proofs, artefact }
  if (asked.superseded !== null)
    return { ...head, state: 'superseded', remark: null, why: `by ${asked.superseded.by}: ${asked.superseded.why}` }
  const parts = asked.tests.map((test) => partOfEntry(test, spec, rows))
  if (artefact !== null) parts.push({ state: artefact.verdict, why: artefact.why, routerOnly: false })
  return { ...head, ...together(parts, asked.needsPeople) }
}

const headOf = ({ id, kind, phase, section, owner, title }: Head): Head => ({ id, kind, phase, section, owner, title })

/** An entry that runs through the pooler counts only on PgDog: that is the system the checklist speaks of. */
function partOfEntry(test: string, spec: Spec, rows: Rows): Part {
  const all = rows.get(test) ?? []
  const found = all.filter((row) => row.verdict !== 'missing')
  const entry = spec.entries.get(test)
  const counting = entry !== undefined && isAboutPooler(entry) ? found.filter((row) => row.pooler === 'pgdog') : found
  const state = worst((counting.length > 0 ? counting : found).map((row) => row.verdict))
  if (counting.length > 0) return { state, why: `${test} ${state}`, routerOnly: false }
  if (found.length > 0) return { state: 'missing', why: `${test} ${state} on the router only`, routerOnly: state === 'proved' }
  const stale = all.find((row) => row.stale !== null)?.stale ?? null
  return { state: 'missing', why: `${test} ${stale === null ? 'missing' : `stale (${staleText(stale)})`}`, routerOnly: false }
}

function proofOf(row: Row): Proof[] {
  if (row.folded === null || row.run === null) return []
  const { setting, at } = row.folded
  return [{ entry: row.entry.id, verdict: row.verdict, pooler: row.pooler, run: row.run, fingerprint: setting.fingerprint, at }]
}

/** An item that is complete when its markers are; superseded ones do not hold it up. */
function answerItem(
  item: (PhaseItem | Deliverable) & { readonly kind: Answer['kind'] },
  answered: ReadonlyMap<string, Answer>,
  spec: Spec,
  rows: Rows,
): Answer {
  const tests = 'testsWithoutMarker' in item ? item.testsWithoutMarker : []
  const markers = item.provedBy.flatMap((id) => answered.get(id) ?? [])
  const parts = [...markers.map(partOfMarker), ...tests.map((test) => partOfEntry(test, spec, rows))]
  const own = tests.flatMap((test) => (rows.get(test) ?? []).flatMap(proofOf))
  const head = headOf({ ...item, section: null, owner: 'owner' in item ? item.owner : null })
  return {
    ...head,
    ...together(parts, item.needsPeople),
    proofs: distinct([...markers.flatMap((one) => one.proofs), ...own]),
    artefact: null,
  }
}

function partOfMarker({ id, state, remark }: Answer): Part {
  return { state, why: `${id} ${stateText({ state, remark })}`, routerOnly: remark === onRouterOnly }
}

function distinct(proofs: readonly Proof[]): readonly Proof[] {
  return [...new Map(proofs.map((one) => [JSON.stringify(one), one])).values()]
}

const onRouterOnly = 'proved on the router only'

/** refuted > unknown > missing > unsupported > proved; what people must do is never more than that. */
function together(all: readonly Part[], needsPeople: boolean): Pick<Answer, 'state' | 'remark' | 'why'> {
  const parts = all.filter((part) => part.state !== 'superseded')
  const open = parts.filter((part) => part.state !== 'proved')
  const why = open.map((part) => part.why).join('; ')
  const remark = remarkOn(parts, open)
  if (all.length > 0 && parts.length === 0) return { state: 'superseded', remark: null, why: all.map((part) => part.why).join('; ') }
  const known = open.filter((part) => part.state !== 'needs people')
  const state = gravity.find((one) => known.some((part) => part.state === one)) ?? (parts.length === 0 ? 'missing' : 'proved')
  if (needsPeople && state !== 'refuted')
    return { state: 'needs people', remark, why: ['no program alone can prove it', why].filter(Boolean).join('; ') }
  return { state: state === 'proved' && open.length > 0 ? 'needs people' : state, remark, why }
}

const gravity = ['refuted', 'unknown', 'missing', 'unsupported'] as const

function remarkOn(parts: readonly Part[], open: readonly Part[]): string | null {
  if (open.length === 0) return null
  if (open.every((part) => part.routerOnly)) return onRouterOnly
  return parts.length > 1 ? `${parts.length - open.length} of ${parts.length} proved` : null
}

/** `missing (proved on the router only)` */
export function stateText({ state, remark }: Pick<Answer, 'state' | 'remark'>): string {
  return remark === null ? state : `${state} (${remark})`
}

/** Answers under the headings of the checklist. */
export function byHeading(answers: readonly Answer[]): ReadonlyMap<string, readonly Answer[]> {
  return Map.groupBy(answers, (one) => (one.kind === 'test marker' ? 'Test markers' : `Phase ${one.phase}: ${one.kind}s`))
}
