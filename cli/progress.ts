/** What a run says while it works: a line for each entry, the first failure at once, and how long the rest may take. */
import { styleText } from 'node:util'
import type { Plan } from '../reports/read.ts'
import { idsIn, remainingMs } from './plan.ts'

export interface Told {
  readonly id: string
  readonly title: string
  readonly state: 'passed' | 'failed' | 'skipped' | 'pending'
  readonly ms: number
  readonly why: string
}

export interface Progress {
  began(what: string): void
  told(entry: Told): void
}

const words = { passed: 'as expected', failed: 'NOT AS EXPECTED', skipped: 'unsupported', pending: 'pending' } as const
const styles = { passed: 'green', failed: 'red', skipped: 'gray', pending: 'yellow' } as const

export function showProgress(plan: Plan, say: (line: string) => void, color: boolean): Progress {
  const total = idsIn(plan).length
  const done = new Set<string>()
  let failed = false
  const paint = (style: (typeof styles)[keyof typeof styles], text: string) =>
    color ? styleText(style, text, { validateStream: false }) : text
  return {
    began(what) {
      done.clear()
      say(what)
    },
    told({ id, title, state, ms, why }) {
      done.add(id)
      const left = Math.round(remainingMs(plan, done) / 1000)
      const eta = done.size < total ? `  about ${left} s to go` : ''
      say(
        `[${String(done.size).padStart(String(total).length)}/${total}] ${id.padEnd(10)} ${title.padEnd(44)} ${paint(styles[state], words[state])}  ${(ms / 1000).toFixed(1)} s${eta}`,
      )
      if (state === 'failed' && !failed) say(`        ${why.split('\n').slice(0, 8).join('\n        ')}`)
      if (state === 'skipped') say(`        ${why}`)
      failed ||= state === 'failed'
    },
  }
}
