/** One entry against one stack, from its first evidence line to its last: lease, body, fence, log scan, verdict. */
import type { Capability } from '../../spec/capability.ts'
import { subSeed } from '../../fixtures/random.ts'
import type { Entry } from '../../spec/entry.ts'
import type { ClauseOutcome, Grounds, Setting, UnknownReason } from '../../spec/evidence.ts'
import type { Stack } from '../../stack/stack.ts'
import type { Topology } from '../../stack/topology.ts'
import { topologyText } from '../../stack/wish.ts'
import { messageOf, isAssertion, openClauses, type Clauses } from './clauses.ts'
import type { EvidenceLog } from './evidence-log.ts'
import { keepFailure } from './failure-folder.ts'
import { findLeftovers } from './fence.ts'
import { markLogs, readAllowances, scanLogs, type Marks } from './log-scan.ts'
import type { Run } from './run.ts'
import type { Secrets } from './secrets.ts'
import type { Lease, Stacks } from './stacks.ts'

export interface Stage {
  readonly run: Run
  readonly log: EvidenceLog
  readonly secrets: Secrets
  readonly stacks: Stacks
}

export interface TrialPlan {
  readonly entry: Entry
  readonly topology: Topology
  readonly testFile: string
  readonly grounds: Grounds
  readonly timeLimitMs: number
  readonly raiseLimitMs: number
}

export interface Scene {
  readonly stack: Stack
  readonly clauses: Clauses
  readonly signal: AbortSignal
  readonly seed: string
}

const proved: ClauseOutcome = { verdict: 'proved' }
const unknown = (reason: UnknownReason, why: string): ClauseOutcome => ({ verdict: 'unknown', reason, why })

/** Runs the entry and returns what befell it as a whole; every step of it is in the evidence. */
export async function tryEntry(stage: Stage, plan: TrialPlan, body: (scene: Scene) => Promise<void>): Promise<ClauseOutcome> {
  const { run, log } = stage
  const start = performance.now()
  const end = (outcome: ClauseOutcome) => {
    log.append({ kind: 'ended', entry: plan.entry.id, attempt: run.attempt, outcome, durationMs: Math.round(performance.now() - start) })
    return outcome
  }
  let lease: Lease
  try {
    lease = await stage.stacks.lease(plan.topology, plan.entry.destructive, AbortSignal.timeout(plan.raiseLimitMs))
  } catch (error) {
    announce(stage, plan, {
      pooler: plan.topology.pooler?.kind ?? 'none',
      provider: run.provider,
      topology: topologyText(plan.topology),
      fingerprint: 'none',
    })
    const outcome = unraised(error, stage.secrets)
    if (outcome.verdict === 'unknown')
      await keepFailure({ run, entry: plan.entry, stack: null, marks: new Map(), why: outcome.why }, log, stage.secrets)
    return end(outcome)
  }
  await using held = lease
  announce(stage, plan, held.stack.setting)
  return end(await perform(stage, plan, held, body))
}

function announce(stage: Stage, plan: TrialPlan, setting: Setting): void {
  const { entry, grounds, testFile } = plan
  const { attempt, seed } = stage.run
  stage.log.append({ kind: 'started', entry: entry.id, attempt, seed: subSeed(seed, entry.id), setting, grounds, testFile })
}

function unraised(error: unknown, secrets: Secrets): ClauseOutcome {
  const why = secrets.blank(messageOf(error))
  const { code } = error as { code?: string }
  if (code === 'provider-absent' || code === 'capability-absent') return { verdict: 'unsupported', why: (error as Error).message }
  return unknown(code === 'tool-missing' ? 'tool-missing' : 'stack-did-not-rise', why)
}

async function perform(stage: Stage, plan: TrialPlan, lease: Lease, body: (scene: Scene) => Promise<void>): Promise<ClauseOutcome> {
  const { run, log, secrets } = stage
  const { entry } = plan
  const { stack } = lease
  const lacking = absent(stack, entry.needs)
  if (lacking !== null) return { verdict: 'unsupported', why: lacking }
  const untried = absentClauses(stack, entry)
  const clauses = openClauses(entry, run.attempt, log, secrets, untried)
  for (const [clause, why] of untried) clauses.record(clause, { verdict: 'unsupported', why })
  const marks = markLogs(stack)
  const outcome = await judge(stage, plan, lease, clauses, marks, body)
  const wrong = [outcome, ...[...clauses.outcomes.values()].flat()].find((one) => one.verdict === 'refuted' || one.verdict === 'unknown')
  if (wrong !== undefined && 'why' in wrong) await keepFailure({ run, entry, stack, marks, why: wrong.why }, log, secrets)
  return outcome
}

async function judge(
  stage: Stage,
  plan: TrialPlan,
  lease: Lease,
  clauses: Clauses,
  marks: Marks,
  body: (scene: Scene) => Promise<void>,
): Promise<ClauseOutcome> {
  const { entry } = plan
  const { stack } = lease
  const outcome = await withinLimit(stage, plan, stack, clauses, body)
  const leftovers = await findLeftovers(stack)
  if (outcome.verdict !== 'proved' || leftovers.length > 0 || stack.parts().some((part) => !part.alive())) lease.taint()
  const death = deathOf(stack)
  if (death !== null) return { verdict: 'refuted', why: stage.secrets.blank(death) }
  const unexplained = await scanLogs(stack, marks, entry, stage.secrets, readAllowances(new Date().toISOString().slice(0, 10)))
  const shown = stage.secrets.takeFound()
  if (shown.length > 0) return { verdict: 'refuted', why: `a secret shows in ${shown.join('; ')}` }
  if (outcome.verdict !== 'proved') return outcome
  const missed = entry.clauses.filter((clause) => !clauses.outcomes.has(clause.key)).map((clause) => clause.key)
  if (missed.length > 0) return unknown('clause-not-discharged', `no proof was tried for: ${missed.join(', ')}`)
  if (leftovers.length > 0) return unknown('unclean', leftovers.join('; '))
  if (unexplained.length > 0) return unknown('unexplained-log', unexplained.slice(0, 10).join('\n'))
  return proved
}

/** A foreign gateway that died of what it heard: that is what it was asked to withstand. */
function deathOf(stack: Stack): string | null {
  const dead = stack.parts('gateway').find((part) => part.foreign !== undefined && !part.alive())
  if (dead === undefined) return null
  const words = dead.foreign!.lastWords().map((hex) => `  ${hex}`)
  const log = dead
    .logSince(0)
    .slice(-8)
    .map(({ text }) => `  ${text}`)
  return [`${dead.name} died; what clients sent last, in hex:`, ...words, 'its last words:', ...log].join('\n')
}

async function withinLimit(
  stage: Stage,
  plan: TrialPlan,
  stack: Stack,
  clauses: Clauses,
  body: (scene: Scene) => Promise<void>,
): Promise<ClauseOutcome> {
  const limit = AbortSignal.timeout(plan.timeLimitMs)
  const late = new Promise<ClauseOutcome>((resolve) => {
    limit.addEventListener('abort', () => resolve(unknown('time-out', `the body took longer than ${plan.timeLimitMs} ms`)), { once: true })
  })
  const seed = subSeed(stage.run.seed, plan.entry.id)
  const done = body({ stack, clauses, signal: limit, seed }).then(
    () => proved,
    (error: unknown) => unknown(isAssertion(error) ? 'assertion-outside-clause' : 'harness-error', stage.secrets.blank(messageOf(error))),
  )
  return Promise.race([done, late])
}

/** Why one of the needs is not met here, or null. */
function absent(stack: Stack, needs: readonly Capability[]): string | null {
  for (const need of needs) {
    const found = stack.can(need)
    if (!found.here) return `needs ${need}: ${found.why}`
  }
  return null
}

function absentClauses(stack: Stack, entry: Entry): ReadonlyMap<string, string> {
  return new Map(
    entry.clauses.flatMap((clause) => [absent(stack, clause.needs)].filter((why) => why !== null).map((why) => [clause.key, why] as const)),
  )
}
