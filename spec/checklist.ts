/** The completion checklist as the reports use it. */
import type { Checked } from './document.ts'
import type { Entry } from './entry.ts'
import type { RawChecklist } from './checklist-schema.ts'
import type { Kind, Mention, Mentions } from './references.ts'
import type { Problem } from './spec-error.ts'

interface Row {
  readonly id: string
  readonly title: string
  readonly notes: readonly string[]
  /** No program alone can prove it. */
  readonly needsPeople: boolean
}

interface Owned extends Row {
  readonly owner: string
  /** It does not apply to this project. */
  readonly superseded: { readonly by: string; readonly why: string } | null
}

/** A completion marker (P): something that must be there, and the entries that are evidence for it. */
export interface Marker extends Owned {
  readonly phase: number
  readonly section: string
  readonly complexity: 'S' | 'M' | 'L' | 'XL'
  readonly deliverable: string
  /** Ids of entries that name this marker in `evidence_for`, in id order. */
  readonly evidence: { readonly tests: readonly string[]; readonly testsExtended: readonly string[]; readonly artefact: string }
}

/** A test marker (T): a group of entries and a report about them. */
export interface TestMarker extends Owned {
  readonly section: string
  readonly evidence: { readonly tests: readonly string[]; readonly artefact: string }
}

/** An item of a phase's checklist (C): complete when its markers are. */
export interface PhaseItem extends Row {
  readonly phase: number
  readonly provedBy: readonly string[]
  /** Entries that count for it though no T-marker covers them. */
  readonly testsWithoutMarker: readonly string[]
  readonly owner: string
}

/** Something a phase hands over (D): complete when its markers are. */
export interface Deliverable extends Row {
  readonly phase: number
  readonly provedBy: readonly string[]
}

export interface Checklist {
  readonly owners: readonly string[]
  readonly markers: ReadonlyMap<string, Marker>
  readonly tests: ReadonlyMap<string, TestMarker>
  readonly phaseItems: ReadonlyMap<string, PhaseItem>
  readonly deliverables: ReadonlyMap<string, Deliverable>
}

type Raw<S extends keyof RawChecklist> = RawChecklist[S][number]

/** Joins the checklist with the entries that are its evidence. */
export function readChecklist(raw: RawChecklist, entries: readonly Entry[]): Checklist {
  return {
    owners: raw.owners,
    markers: byId(raw.markers.map((row) => markerFrom(row, entries))),
    tests: byId(raw.test_markers.map(testMarkerFrom)),
    phaseItems: byId(raw.phase_items.map(phaseItemFrom)),
    deliverables: byId(raw.deliverables.map(deliverableFrom)),
  }
}

function markerFrom({ needs_people: needsPeople, artefact, ...rest }: Raw<'markers'>, entries: readonly Entry[]): Marker {
  const evidence = entries.filter((entry) => entry.evidenceFor.includes(rest.id))
  const tests = evidence.filter((entry) => entry.origin === 'strategy').map((entry) => entry.id)
  const testsExtended = evidence.filter((entry) => entry.origin !== 'strategy').map((entry) => entry.id)
  return { ...rest, needsPeople, evidence: { tests, testsExtended, artefact } }
}

function testMarkerFrom({ needs_people: needsPeople, tests, artefact, ...rest }: Raw<'test_markers'>): TestMarker {
  return { ...rest, needsPeople, evidence: { tests, artefact } }
}

function phaseItemFrom({ needs_people: needsPeople, proved_by: provedBy, tests_without_marker, ...rest }: Raw<'phase_items'>): PhaseItem {
  return { ...rest, needsPeople, provedBy, testsWithoutMarker: tests_without_marker }
}

function deliverableFrom({ needs_people: needsPeople, proved_by: provedBy, ...rest }: Raw<'deliverables'>): Deliverable {
  return { ...rest, needsPeople, provedBy }
}

/** Rows by their id, in order. */
export function byId<T extends { readonly id: string }>(rows: readonly T[]): ReadonlyMap<string, T> {
  return new Map(rows.map((row) => [row.id, row]))
}

/** Ids the checklist defines and cites, with their lines. */
export function checklistMentions({ file, value, lineOf }: Checked<RawChecklist>): Mentions {
  if (value === null) return { defined: [], cited: [] }
  const mention = (kind: Kind, name: string, ...path: PropertyKey[]): Mention => ({ kind, name, file, line: lineOf(path) })
  const sections = ['markers', 'test_markers', 'phase_items', 'deliverables'] as const
  const rows = sections.flatMap((section) => value[section].map((row, at) => ({ row, path: [section, at] })))
  const owners = value.owners.map((owner, at) => mention('owner', owner, 'owners', at))
  const defined = rows.map(({ row, path }) => mention(/^[PT]/.test(row.id) ? 'marker' : 'item', row.id, ...path, 'id'))
  const cited = rows.flatMap(({ row, path }) => [
    ...citations(row).flatMap(([key, kind, names]) => names.map((name, at) => mention(kind, name, ...path, key, at))),
    ...('owner' in row ? [mention('owner', row.owner, ...path, 'owner')] : []),
  ])
  return { defined: [...owners, ...defined], cited }
}

type Cited = { readonly [key in 'notes' | 'tests' | 'proved_by' | 'tests_without_marker']?: readonly string[] }

function citations({ notes = [], tests = [], proved_by = [], tests_without_marker = [] }: Cited): [string, Kind, readonly string[]][] {
  return [
    ['notes', 'note', notes],
    ['tests', 'entry', tests],
    ['proved_by', 'marker', proved_by],
    ['tests_without_marker', 'entry', tests_without_marker],
  ]
}

/** An entry that names its test marker must stand among the tests of that marker. */
export function checkTestMarkers({ file, value, lineOf }: Checked<RawChecklist>, entries: Iterable<Entry>): Problem[] {
  const all = [...entries]
  return (value?.test_markers ?? []).flatMap(({ id, tests }, at) =>
    all
      .filter((entry) => entry.marker === id && !tests.includes(entry.id))
      .map((entry) => ({
        file,
        line: lineOf(['test_markers', at, 'tests']),
        text: `${entry.id} names ${id} as its marker: add it to the tests of ${id}`,
      })),
  )
}
