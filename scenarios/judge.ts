/** Judges a history by its checks: again and again with the same findings, from the history alone. */
import type { Check, Finding } from './finding.ts'
import type { History } from './history/record.ts'
import { loadPlugin, pluginsIn, UnknownName } from './load.ts'

export interface Judgement {
  readonly findings: readonly Finding[]
  /** Checks that broke down: what they would have said is unknown. */
  readonly unknown: readonly { readonly check: string; readonly why: string }[]
  /** The history ends before its time: it was judged as far as it goes. */
  readonly cutOff: boolean
}

export const allChecks = (): readonly string[] => pluginsIn('checks')

/** Refuses names that no check has. */
export function checkNames(names: readonly string[]): void {
  const known = allChecks()
  for (const name of names) if (!known.includes(name)) throw new UnknownName('check', name, known)
}

export const checkNamed = (name: string): Promise<Check> => loadPlugin<Check>('checks', 'check', name)

/** By the checks the history names, or by others. */
export async function judge(history: History, names: readonly string[] = history.checks): Promise<Judgement> {
  checkNames(names)
  const findings: Finding[] = []
  const unknown: { check: string; why: string }[] = []
  for (const name of names) {
    const check = await checkNamed(name)
    try {
      findings.push(...check.judge(history))
    } catch (error) {
      unknown.push({ check: name, why: error instanceof Error ? error.message : String(error) })
    }
  }
  return { findings, unknown, cutOff: history.cutOff }
}
