/** Plays a scenario for an entry: the history goes to the entry's folder, and what the checks find is there to be proved or refuted clause by clause. */
import { join } from 'node:path'
import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { EntryId } from '../../spec/generated/ids.ts'
import { summaryOf, type Summary } from '../../scenarios/figures.ts'
import type { History, Operation } from '../../scenarios/history/record.ts'
import { judge } from '../../scenarios/judge.ts'
import { run } from '../../scenarios/run.ts'
import { usual, type Scenario } from '../../scenarios/scenario.ts'
import { drawAll, showAll, tellFigures, tellFinding, type Shown } from '../../scenarios/tell.ts'
import type { Running } from '../../stack/launch.ts'
import type { Stack } from '../../stack/stack.ts'
import type { Trial } from '../kit.ts'

export interface Played {
  readonly history: History
  readonly summary: Summary
  /** Fails with a timeline if one of these checks has found something (of these kinds, if any are named). */
  demandNothing(checks: readonly string[], kinds?: readonly string[]): void
}

/** All but what the entry says itself is usual; the topology is that of the stack. */
export type Play = Partial<Omit<Scenario, 'topology' | 'budgets'>> &
  Pick<Scenario, 'name' | 'loads' | 'checks'> & {
    /** Of an entry that plays several scenarios: tells their files apart. */
    readonly part?: string
  }

export async function play<I extends EntryId>(trial: Trial<I>, wish: Play): Promise<Played> {
  const { stack, seed, signal, mint, budgets, folder } = trial
  const { part, ...own } = wish
  const name = part === undefined ? 'history.jsonl' : `history-${part}.jsonl`
  const file = join(folder, name)
  const scenario: Scenario = { ...usual, ...own, budgets }
  const history = await run(scenario, stack, { seed, file, signal, mint })
  const judgement = await judge(history)
  if (judgement.unknown.length > 0)
    throw new Error(judgement.unknown.map(({ check, why }) => `the check ${check} broke down: ${why}`).join('; '))
  const shown = await showAll(history, judgement)
  keep(trial, history, shown, name)
  return {
    history,
    summary: summaryOf(history),
    demandNothing(checks, kinds) {
      for (const check of checks) if (!history.checks.includes(check)) throw new Error(`the scenario was not judged by ${check}`)
      const wrong = shown.filter(({ check, kind }) => checks.includes(check) && (kinds === undefined || kinds.includes(kind)))
      expect(
        wrong
          .slice(0, 5)
          .map((one) => tellFinding(history, one))
          .join('\n\n'),
      ).toBe('')
    },
  }
}

function keep<I extends EntryId>({ attach, measure, folder }: Trial<I>, history: History, shown: readonly Shown[], name: string): void {
  attach(name, readFileSync(join(folder, name)))
  attach(
    name.replace(/^history(.*)jsonl$/, 'judgement$1txt'),
    [tellFigures(history), ...shown.map((one) => tellFinding(history, one))].join('\n\n'),
  )
  for (const svg of drawAll(history, shown, folder)) attach(svg.slice(folder.length + 1), readFileSync(svg))
  const { longestOutageMs, slowestRecoveryMs, before, during, after } = summaryOf(history)
  measure('longest outage of a client', longestOutageMs, 'ms')
  measure('slowest recovery of a client', slowestRecoveryMs, 'ms')
  measure('good operations before', before.perSecond, '/s')
  measure('good operations during', during.perSecond, '/s')
  measure('good operations after', after.perSecond, '/s')
}

/** Good operations that began and ended while the only fault bit. */
export function goodDuring({ faults }: History, operations: readonly Operation[]): Operation[] {
  const { bitesMs, healMs } = faults[0]!
  return operations.filter(({ outcome, invokeMs, returnMs }) => outcome === 'ok' && invokeMs > bitesMs! && returnMs! < healMs!)
}

/** Who runs, by process, children included: a part that was started again has other ones. */
export function pidsOf(stack: Stack, ...kinds: readonly Running['kind'][]): Readonly<Record<string, readonly number[]>> {
  const parts = kinds.length === 0 ? stack.parts() : kinds.flatMap((kind) => stack.parts(kind))
  // A server's children are its sessions, which come and go.
  return Object.fromEntries(
    parts.map(({ name, pid, kind }) => [name, pid === undefined ? [] : [pid, ...(kind === 'postgres' ? [] : childrenOf(pid))]]),
  )
}

function childrenOf(pid: number): readonly number[] {
  const file = `/proc/${pid}/task/${pid}/children`
  return existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number) : []
}
