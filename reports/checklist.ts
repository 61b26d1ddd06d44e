/** The completion checklist, answered: for every marker what is proved, by which evidence, on which system, how old. */
import type { Spec } from '../spec/load.ts'
import { worst, type Verdict } from '../spec/verdict.ts'
import { artefactVerdict } from './artefacts.ts'
import type { Row } from './rows.ts'
import { ageText } from './words.ts'

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
  readonly title: string
  readonly state: MarkerState
  /** What is lacking, or what it was superseded by. */
  readonly why: string
  readonly proofs: readonly Proof[]
}

/** Every marker of the specification with its state: P, T, C and D, in that order. */
export function answerChecklist(spec: Spec, rows: readonly Row[]): readonly Answer[] {
  const byEntry = Map.groupBy(rows, (row) => row.entry.id)
  const markers = [...spec.markers.values()].map((marker): Answer => {
    const tests = [...marker.evidence.tests, ...marker.evidence.testsExtended]
    return answer({ ...marker, kind: 'marker', tests, artefact: marker.evidence.artefact }, spec, byEntry)
  })
  const testMarkers = [...spec.tests.values()].map((marker): Answer =>
    answer(
      { ...marker, kind: 'test marker', phase: null, tests: marker.evidence.tests, artefact: marker.evidence.artefact },
      spec,
      byEntry,
    ),
  )
  const states = new Map([...markers, ...testMarkers].map((one) => [one.id, one]))
  const items = [...spec.phaseItems.values()].map((item) => joined(item, 'phase item', states, item.testsWithoutMarker, spec, byEntry))
  const deliverables = [...spec.deliverables.values()].map((item) => joined(item, 'deliverable', states, [], spec, byEntry))
  return [...markers, ...testMarkers, ...items, ...deliverables]
}

interface Asked {
  readonly id: string
  readonly kind: Answer['kind']
  readonly phase: number | null
  readonly title: string
  readonly needsPeople: boolean
  readonly superseded: { readonly by: string; readonly why: string } | null
  readonly tests: readonly string[]
  readonly artefact: string
}

type Rows = ReadonlyMap<string, readonly Row[]>

function answer(asked: Asked, spec: Spec, rows: Rows): Answer {
  const { id, kind, phase, title } = asked
  const proofs = asked.tests.flatMap((test) => (rows.get(test) ?? []).flatMap(proofOf))
  const told = (state: MarkerState, why: string): Answer => ({ id, kind, phase, title, state, why, proofs })
  if (asked.superseded !== null) return told('superseded', `by ${asked.superseded.by}: ${asked.superseded.why}`)
  const parts = [
    ...asked.tests.map((test) => verdictFor(test, spec, rows)),
    artefactVerdict(id, asked.artefact, asked.tests.length > 0),
  ].filter((part) => part !== null)
  const verdict =
    parts.some((part) => part.verdict === 'missing') && !parts.some((part) => part.verdict === 'refuted')
      ? 'missing'
      : worst(parts.map((part) => part.verdict))
  const lacking = parts.filter((part) => part.verdict !== 'proved').map((part) => part.why)
  if (asked.needsPeople && verdict !== 'refuted') return told('needs people', ['a program alone cannot prove it', ...lacking].join('; '))
  return told(verdict, lacking.join('; '))
}

interface Part {
  readonly verdict: Verdict
  readonly why: string
}

/** An entry that runs through the pooler counts only on PgDog: that is the system the checklist speaks of. */
function verdictFor(test: string, spec: Spec, rows: Rows): Part {
  const found = (rows.get(test) ?? []).filter((row) => row.verdict !== 'missing')
  const aboutPooler = spec.entries.get(test)?.needs.includes('pooler') ?? false
  const counting = aboutPooler ? found.filter((row) => row.pooler === 'pgdog') : found
  if (counting.length > 0)
    return { verdict: worst(counting.map((row) => row.verdict)), why: `${test} ${worst(counting.map((row) => row.verdict))}` }
  return {
    verdict: 'missing',
    why: found.length > 0 ? `${test} ${worst(found.map((row) => row.verdict))} on the router only` : `${test} missing`,
  }
}

function proofOf(row: Row): Proof[] {
  if (row.folded === null || row.run === null) return []
  const { setting, at } = row.folded
  return [{ entry: row.entry.id, verdict: row.verdict, pooler: row.pooler, run: row.run, fingerprint: setting.fingerprint, at }]
}

/** An item that is complete when its markers are; superseded ones do not hold it up. */
function joined(
  item: { id: string; phase: number; title: string; needsPeople: boolean; provedBy: readonly string[] },
  kind: Answer['kind'],
  states: ReadonlyMap<string, Answer>,
  tests: readonly string[],
  spec: Spec,
  rows: Rows,
): Answer {
  const parts = item.provedBy.map((id) => states.get(id)!).filter((part) => part.state !== 'superseded')
  const ofTests = tests.map((test) => verdictFor(test, spec, rows))
  const verdicts = [...parts.map((part) => part.state), ...ofTests.map((part) => part.verdict)]
  const people = item.needsPeople || verdicts.includes('needs people')
  const known = verdicts.filter((state): state is Verdict => state !== 'needs people' && state !== 'superseded')
  const verdict = known.includes('missing') && !known.includes('refuted') ? 'missing' : worst(known)
  const lacking = [
    ...parts.filter((part) => part.state !== 'proved').map((part) => `${part.id} ${part.state}`),
    ...ofTests.filter((part) => part.verdict !== 'proved').map((part) => part.why),
  ]
  const state: MarkerState = parts.length + ofTests.length === 0 ? 'superseded' : people && verdict !== 'refuted' ? 'needs people' : verdict
  return {
    id: item.id,
    kind,
    phase: item.phase,
    title: item.title,
    state,
    why: lacking.join('; '),
    proofs: parts.flatMap((part) => part.proofs),
  }
}

/** The checklist as Markdown, phase by phase. */
export function checklistMarkdown(answers: readonly Answer[], now = Date.now()): string {
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
  const evidence = (answer: Answer) =>
    answer.proofs
      .map((proof) => `${proof.entry} ${proof.verdict} (${proof.pooler}, ${proof.fingerprint}, ${ageText(proof.at, now)} old)`)
      .join('<br>')
  const sections = Map.groupBy(answers, (one) => (one.kind === 'test marker' ? 'Test markers' : `Phase ${one.phase}: ${one.kind}s`))
  const tables = [...sections].flatMap(([heading, ones]) => [
    `## ${heading}`,
    '',
    `${ones.filter((one) => one.state === 'proved').length} of ${ones.length} proved`,
    '',
    '| id | title | state | evidence | lacking |',
    '| --- | --- | --- | --- | --- |',
    ...ones.map((one) => `| ${one.id} | ${cell(one.title)} | **${one.state}** | ${cell(evidence(one))} | ${cell(one.why)} |`),
    '',
  ])
  return ['# Completion checklist', '', ...tables].join('\n')
}
