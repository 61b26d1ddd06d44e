/** What the evidence says about an entry: pure rules from evidence lines to verdicts, and whether a verdict is the expected one. */
import type { Entry, Expectation } from './entry.ts'
import type { ClauseOutcome, EvidenceLine, Setting, UnknownReason } from './evidence.ts'

/** `missing`: there is no evidence that counts. */
export type Verdict = 'refuted' | 'unknown' | 'unsupported' | 'proved' | 'missing'

/** The verdict on one entry in front of one pooler on one topology. */
export interface Folded {
  readonly entry: string
  readonly verdict: Verdict
  /** Only of an unknown verdict. */
  readonly reason: UnknownReason | null
  /** Empty if proved. */
  readonly why: string
  /** Every clause of the entry; empty if missing. */
  readonly clauses: Readonly<Record<string, ClauseOutcome>>
  /** What befell the entry apart from its clauses. */
  readonly whole: ClauseOutcome
  readonly attempts: number
  /** The attempts do not agree. */
  readonly flipped: boolean
  /** Attempts that do not count, because the entry's words have changed since. */
  readonly stale: number
  /** Of the newest attempt that decides the verdict. */
  readonly durationMs: number
  readonly setting: Setting
  readonly at: string
}

type Started = Extract<EvidenceLine, { kind: 'started' }>
type Ended = Extract<EvidenceLine, { kind: 'ended' }>

/** One run of the body, as its lines tell it. */
interface Attempt {
  readonly started: Started
  readonly told: Map<string, ClauseOutcome[]>
  ended: Ended | null
}

/** An attempt judged. */
interface Judged {
  readonly attempt: Attempt
  readonly clauses: Readonly<Record<string, ClauseOutcome>>
  readonly whole: ClauseOutcome
  readonly verdict: Verdict
}

const order: readonly Verdict[] = ['proved', 'unsupported', 'unknown', 'refuted']

/** The worst of some verdicts: refuted > unknown > unsupported > proved; missing only if all are (or there is none). */
export function worst(verdicts: Iterable<Verdict>): Verdict {
  let found: Verdict = 'missing'
  for (const verdict of verdicts) if (order.indexOf(verdict) > order.indexOf(found)) found = verdict
  return found
}

/**
 * One verdict for each pooler and topology that the lines speak of, in the order of their first line.
 * Lines are read in the order they were written: what follows a `started` line of the same entry and attempt belongs to it.
 */
export function foldEvidence(entry: Entry, lines: Iterable<EvidenceLine>): Folded[] {
  const groups = Map.groupBy(attemptsOf(entry.id, lines), ({ started }) =>
    JSON.stringify([started.setting.pooler, started.setting.topology]),
  )
  return [...groups.values()].map((attempts) => foldAttempts(entry, attempts))
}

function attemptsOf(entry: string, lines: Iterable<EvidenceLine>): Attempt[] {
  const attempts: Attempt[] = []
  const open = new Map<number, Attempt>()
  for (const line of lines) {
    if (!('entry' in line) || line.entry !== entry) continue
    if (line.kind === 'started') {
      const attempt: Attempt = { started: line, told: new Map(), ended: null }
      attempts.push(attempt)
      open.set(line.attempt, attempt)
    }
    const attempt = open.get(line.attempt)
    if (line.kind === 'clause') attempt?.told.set(line.clause, [...(attempt.told.get(line.clause) ?? []), line.outcome])
    if (line.kind === 'ended' && attempt !== undefined) attempt.ended = line
  }
  return attempts
}

function foldAttempts(entry: Entry, attempts: readonly Attempt[]): Folded {
  const valid = attempts.filter(({ started }) => started.grounds.entry === entry.digest)
  const stale = attempts.length - valid.length
  const judged = valid.map((attempt) => judge(entry, attempt))
  const verdict = worst(judged.map((one) => one.verdict))
  const decisive = judged.findLast((one) => one.verdict === verdict)
  const { started, ended } = (decisive?.attempt ?? attempts.at(-1))!
  const whole = gravest(judged.map((one) => one.whole)) ?? { verdict: 'proved' }
  const keys = decisive === undefined ? [] : Object.keys(decisive.clauses)
  const clauses = Object.fromEntries(keys.map((key) => [key, gravest(judged.map((one) => one.clauses[key]!))!]))
  const flipped = new Set(judged.map(patternOf)).size > 1
  const setting = started.setting
  const at = ended?.at ?? started.at
  const rest = { whole, attempts: valid.length, flipped, stale, durationMs: ended?.durationMs ?? 0, setting, at }
  return { entry: entry.id, verdict, ...reasonOf(verdict, whole, clauses), clauses, ...rest }
}

/** Applies the rules to one attempt. */
function judge(entry: Entry, attempt: Attempt): Judged {
  const { told, ended } = attempt
  const whole: ClauseOutcome = ended?.outcome ?? unknown('killed', 'it was started and never ended')
  const silent = told.size === 0 && whole.verdict === 'unsupported'
  const clauses: Record<string, ClauseOutcome> = {}
  for (const { key } of entry.clauses) clauses[key] = gravest(told.get(key) ?? []) ?? (silent ? whole : untold(key, whole))
  for (const key of told.keys())
    clauses[key] ??= unknown('harness-error', `the evidence speaks of a clause "${key}" that ${entry.id} does not have`)
  return { attempt, clauses, whole, verdict: worst([whole, ...Object.values(clauses)].map((one) => one.verdict)) }
}

/** A clause that no line speaks of shares the fate of an attempt that is unknown; otherwise it was not discharged. */
function untold(key: string, whole: ClauseOutcome): ClauseOutcome {
  return whole.verdict === 'unknown' ? whole : unknown('clause-not-discharged', `no proof was tried for "${key}"`)
}

function gravest(outcomes: readonly ClauseOutcome[]): ClauseOutcome | undefined {
  const verdict = worst(outcomes.map((one) => one.verdict))
  return outcomes.find((one) => one.verdict === verdict)
}

function unknown(reason: UnknownReason, why: string): ClauseOutcome {
  return { verdict: 'unknown', reason, why }
}

function patternOf({ whole, clauses }: Judged): string {
  return JSON.stringify([whole.verdict, Object.entries(clauses).map(([key, one]) => [key, one.verdict])])
}

function reasonOf(
  verdict: Verdict,
  whole: ClauseOutcome,
  clauses: Readonly<Record<string, ClauseOutcome>>,
): { reason: UnknownReason | null; why: string } {
  if (verdict === 'missing') return { reason: null, why: 'there is no evidence for the words as they stand now' }
  const named = Object.entries(clauses).map(([key, outcome]) => ({ outcome, prefix: `${key}: ` }))
  const found = [{ outcome: whole, prefix: '' }, ...named].find(({ outcome }) => outcome.verdict === verdict)
  if (found === undefined || found.outcome.verdict === 'proved') return { reason: null, why: '' }
  const { outcome, prefix } = found
  return { reason: outcome.verdict === 'unknown' ? outcome.reason : null, why: `${prefix}${outcome.why}` }
}

/** True if the verdict is as expected: proved; or, where a refutation is expected, exactly the named clauses refuted and all others proved. */
export function asExpected(entry: Entry, folded: Folded, pooler: Setting['pooler']): boolean {
  return surpriseOf(entry, folded, pooler) === null
}

/** What is not as expected, in words; null if nothing. A verdict of unknown, unsupported or missing is not as expected either. */
export function surpriseOf(entry: Entry, folded: Folded, pooler: Setting['pooler']): string | null {
  const expected = expectationOf(entry, pooler)
  if (expected.verdict === 'proved') return folded.verdict === 'proved' ? null : `expected proved, is ${folded.verdict}: ${folded.why}`
  if (folded.verdict !== 'refuted') return withWhy(`expected refuted (${expected.because}), is ${folded.verdict}`, folded.why)
  if (folded.whole.verdict !== 'proved') return `apart from its clauses it is ${folded.whole.verdict}: ${folded.whole.why}`
  const due = (key: string) => (expected.clauses.includes(key) ? 'refuted' : 'proved')
  const wrong = Object.entries(folded.clauses).filter(([key, { verdict }]) => verdict !== due(key))
  if (wrong.length === 0) return null
  return wrong
    .map(([key, one]) => withWhy(`clause "${key}" is ${one.verdict}, expected ${due(key)}`, 'why' in one ? one.why : ''))
    .join('; ')
}

const withWhy = (told: string, why: string) => (why === '' ? told : `${told}: ${why}`)

/** What the project expects in front of this pooler; without a pooler nothing is expected to fail. */
export function expectationOf(entry: Entry, pooler: Setting['pooler']): Expectation {
  return pooler === 'none' ? { verdict: 'proved' } : entry.expect[pooler]
}
