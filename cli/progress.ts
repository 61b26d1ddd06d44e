/** What a run says while it works: a line for each entry with its verdict, the first failure at once, and how long the rest may take. */
import { styleText } from 'node:util'
import type { Plan } from '../reports/read.ts'
import type { Told } from './engine.ts'
import { idsIn, remainingMs } from './plan.ts'
import type { Telling } from './telling.ts'

export interface Voice {
  say(line: string): void
  readonly color: boolean
}

export interface Progress {
  /** Another pass over the same plan. */
  began(what: string): void
  /** `telling` is what the evidence says; without any, the test's own end stands in. */
  told(test: Told, telling: Telling | null): void
}

type Standing = 'good' | 'bad' | 'skipped'
const styles = { good: 'green', bad: 'red', skipped: 'gray' } as const

export function showProgress(plan: Plan, { say, color }: Voice): Progress {
  const total = idsIn(plan).length
  const done = new Set<string>()
  let failed = false
  return {
    began(what) {
      done.clear()
      say(what)
    },
    told(test, telling) {
      done.add(test.id)
      const standing = standingOf(test, telling)
      const count = `[${String(done.size).padStart(String(total).length)}/${total}]`
      const left = done.size < total ? `  about ${Math.round(remainingMs(plan, done) / 1000)} s to go` : ''
      const words = wordsOf(test, telling).padEnd(10)
      const verdict = color ? styleText(styles[standing], words, { validateStream: false }) : words
      say(`${count} ${test.id.padEnd(10)} ${test.title.padEnd(44)} ${verdict}  ${(test.ms / 1000).toFixed(1).padStart(5)} s${left}`)
      if (standing === 'skipped') say(indent(telling?.folded.why ?? test.why))
      if (standing === 'bad' && !failed) say(indent(telling?.surprise ?? test.why))
      failed ||= standing === 'bad'
    },
  }
}

function standingOf(test: Told, telling: Telling | null): Standing {
  if (telling === null) return test.state === 'passed' ? 'good' : test.state === 'skipped' ? 'skipped' : 'bad'
  if (telling.folded.verdict === 'unsupported' || telling.open) return 'skipped'
  return telling.surprise === null ? 'good' : 'bad'
}

function wordsOf(test: Told, telling: Telling | null): string {
  if (telling === null) return test.state
  const { verdict, reason } = telling.folded
  if (verdict === 'refuted' && telling.surprise === null) return 'refuted, as expected'
  return reason === null ? verdict : `${verdict}: ${reason}`
}

/** Its first lines, below the entry's own. */
function indent(why: string): string {
  return why
    .split('\n')
    .slice(0, 8)
    .map((line) => `        ${line}`)
    .join('\n')
}
