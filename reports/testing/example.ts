/** A tiny specification and evidence about it: one entry for each verdict, for the tests of the reports. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EvidenceLine, ClauseOutcome } from '../../spec/evidence.ts'
import { loadSpec, type Spec } from '../../spec/load.ts'
import { digestSources, digestTest, kitSources, partSources } from '../../spec/sources.ts'
import type { Plan } from '../read.ts'

const ids = ['JWT-001', 'JWT-002', 'JWT-003', 'JWT-004', 'JWT-005', 'JWT-006'] as const
const testFile = 'suites/jwt/tokens.test.ts'

/** A family of six entries of one clause each; JWT-006 is expected to be refuted by PgDog. */
export function exampleSpec(dir: string): Spec {
  mkdirSync(join(dir, 'families'), { recursive: true })
  const entries = ids.map((id) =>
    [
      `  - id: ${id}`,
      `    title: example ${id}`,
      '    priority: P0',
      '    kind: unit',
      '    status: live',
      '    needs: [gateway]',
      '    given: a system',
      '    when: something is done',
      '    then:',
      '      holds: it holds',
      ...(id === 'JWT-006' ? ['    expect:', '      pgdog: { refuted: [holds], because: reality denies it, versions: any }'] : []),
      '    marker: null',
      '    evidence_for: []',
      '    origin: project',
    ].join('\n'),
  )
  writeFileSync(join(dir, 'families', 'jwt.yaml'), `family: JWT\nentries:\n${entries.join('\n\n')}\n`)
  return loadSpec(dir)
}

export const examplePlan: Plan = {
  hash: 'plan',
  pooler: 'pgdog',
  provider: 'embedded',
  entries: ids.map((id) => ({ id, in: true, why: 'live', needs: [], lastMs: null })),
}

export interface Told {
  readonly id: string
  readonly clause: ClauseOutcome | null
  readonly whole: ClauseOutcome | null
  readonly grounds?: 'old'
  readonly attempt?: number
  readonly pooler?: 'pgdog' | 'router'
  readonly topology?: string
  readonly extra?: readonly EvidenceLine[]
}

const proved: ClauseOutcome = { verdict: 'proved' }

/** JWT-001 proved, -002 refuted, -003 killed, -004 unsupported, -005 never ran, -006 refuted as expected. */
export const exampleTold: readonly Told[] = [
  { id: 'JWT-001', clause: proved, whole: proved },
  { id: 'JWT-002', clause: { verdict: 'refuted', why: 'expected <a> & got "b"' }, whole: proved },
  { id: 'JWT-003', clause: proved, whole: null },
  { id: 'JWT-004', clause: null, whole: { verdict: 'unsupported', why: 'needs docker: no daemon' } },
  { id: 'JWT-006', clause: { verdict: 'refuted', why: 'as reality has it' }, whole: proved },
]

export interface ExampleRun {
  readonly told?: readonly Told[]
  readonly liar?: string | null
  readonly at?: string
  readonly plan?: Plan | null
}

/** Writes a run with its evidence. */
export function exampleRun(
  spec: Spec,
  dir: string,
  { told = exampleTold, liar = null, at = '2026-01-01T00:00:00.000Z', plan = examplePlan }: ExampleRun = {},
): void {
  mkdirSync(dir, { recursive: true })
  const lines: EvidenceLine[] = [
    {
      kind: 'run',
      at,
      run: 'example',
      version: '0',
      dirty: false,
      seed: 's',
      command: 'npm run suite',
      profile: 'quick',
      plan: 'plan',
      machine: {},
      liar,
    },
    ...told.flatMap((one) => linesOf(spec, one, at)),
  ]
  writeFileSync(join(dir, 'evidence.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  if (plan !== null) writeFileSync(join(dir, 'plan.json'), JSON.stringify(plan))
}

function linesOf(spec: Spec, told: Told, at: string): EvidenceLine[] {
  const { id, clause, whole, grounds, attempt = 1, pooler = 'pgdog', topology = 'shards=1', extra = [] } = told
  const digest = grounds === 'old' ? 'old' : (spec.entries.get(id)?.digest ?? '')
  const setting = { pooler, provider: 'embedded', topology, fingerprint: 'f00' }
  const started: EvidenceLine = {
    kind: 'started',
    at,
    entry: id,
    attempt,
    seed: 's',
    setting,
    testFile,
    grounds: { entry: digest, testFile: digestTest(testFile), kit: digestSources(kitSources), parts: digestSources(partSources) },
  }
  const clauses: EvidenceLine[] = clause === null ? [] : [{ kind: 'clause', at, entry: id, attempt, clause: 'holds', outcome: clause }]
  const ended: EvidenceLine[] = whole === null ? [] : [{ kind: 'ended', at, entry: id, attempt, outcome: whole, durationMs: 12 }]
  return [started, ...clauses, ...extra, ...ended]
}
