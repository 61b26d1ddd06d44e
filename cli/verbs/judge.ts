/** `judge`: a stored history is judged again, by today's checks, and says the same as ever. */
import { dirname, join } from 'node:path'
import { existsSync } from 'node:fs'
import { HistoryError, readHistory } from '../../scenarios/history/read.ts'
import type { History } from '../../scenarios/history/record.ts'
import { allChecks, judge as judgeHistory } from '../../scenarios/judge.ts'
import { drawAll, showAll, tellFigures, tellFinding } from '../../scenarios/tell.ts'
import { mustKnow, UsageError } from '../usage.ts'

export interface JudgeOptions {
  readonly check?: readonly string[]
  readonly svg?: string
  readonly json?: boolean
}

/** 0: nothing found; 1: findings; 2: none, but the history is cut off or a check broke down. */
export async function judge(file: string, { check, svg, json = false }: JudgeOptions): Promise<number> {
  const names = namesOf(check)
  const history = read(file)
  const judgement = await judgeHistory(history, names ?? history.checks)
  const shown = await showAll(history, judgement)
  const exitCode = shown.length > 0 ? 1 : judgement.cutOff || judgement.unknown.length > 0 ? 2 : 0
  if (svg !== undefined) drawAll(history, shown, svg)
  if (json) console.log(JSON.stringify({ scenario: history.scenario, seed: history.seed, exitCode, ...judgement }, null, 2))
  else {
    console.log(`${history.scenario}, seed ${history.seed}: ${history.operations.length} operations`)
    if (judgement.cutOff) console.log('the history is cut off: it was judged as far as it goes')
    console.log(tellFigures(history))
    for (const one of judgement.unknown) console.log(`\n${one.check} broke down: ${one.why}`)
    for (const one of shown) console.log(`\n${tellFinding(history, one)}`)
    console.log(`\n${shown.length} findings by ${(names ?? history.checks).length} checks`)
  }
  return exitCode
}

function namesOf(wanted: readonly string[] | undefined): readonly string[] | null {
  if (wanted === undefined) return null
  if (wanted.includes('all')) return allChecks()
  for (const name of wanted) mustKnow('check', name, allChecks())
  return wanted
}

/** A folder stands for the history in it. */
function read(path: string): History {
  const inside = join(path, 'history.jsonl')
  const file = existsSync(inside) ? inside : path
  if (!existsSync(file)) throw new UsageError(`there is no history ${file}: scenarios leave theirs in out/<run>/, below ${dirname(file)}`)
  try {
    return readHistory(file)
  } catch (error) {
    if (error instanceof HistoryError) throw new UsageError(error.message)
    throw error
  }
}
