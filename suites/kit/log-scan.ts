/** Reads what the parts logged while an entry ran: warnings nobody explained, and secrets that must never show. */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'yaml'
import type { Entry } from '../../spec/entry.ts'
import type { Stack } from '../../stack/stack.ts'
import type { Secrets } from './secrets.ts'

export interface Allowance {
  readonly part: string
  readonly match: string
  readonly because: string
  /** ISO date; from the day after on, the line counts again. */
  readonly until: string
}

export function readAllowances(today: string): readonly Allowance[] {
  const file = new URL('../../spec/log-allowances.yaml', import.meta.url)
  const { allowances } = parse(readFileSync(file, 'utf8')) as { allowances: Allowance[] }
  return allowances.filter((allowance) => allowance.until >= today)
}

/** Whether a line of some part is of warning or worse: JSON logs, PgDog's and Postgres's own words. */
export function isAlarming(line: string): boolean {
  if (line.startsWith('{')) return /"level":"(warn|error|fatal)"/.test(line)
  if (/^\S+ \S+ \S+ \[\d+\] /.test(line)) return /\b(WARNING|ERROR|FATAL|PANIC): /.test(line)
  return /^\S*\s*\S*\s*(WARN|ERROR)\b|\b(WARNING|ERROR|FATAL|PANIC): |thread '.*' panicked|\bUncaught\b|\bsegmentation fault\b/i.test(line)
}

export type Marks = ReadonlyMap<string, number>

export function markLogs(stack: Stack): Marks {
  return new Map(stack.parts().map((part) => [part.name, part.logMark()]))
}

/** Waits until no part has written for a moment (at most two seconds), then scans: for secrets, and for alarms that nothing explains. */
export async function scanLogs(
  stack: Stack,
  marks: Marks,
  entry: Entry,
  secrets: Secrets,
  allowances: readonly Allowance[],
): Promise<readonly string[]> {
  await quiet(stack)
  const lines = stack
    .parts()
    .flatMap((part) => part.logSince(marks.get(part.name) ?? 0).map((line) => ({ part: part.name, text: line.text })))
  const explained = [...entry.provokes, ...allowances].map((known) => ({ part: known.part, match: new RegExp(known.match) }))
  const unexplained = lines
    .filter((line) => isAlarming(line.text) && !explained.some((known) => line.part.startsWith(known.part) && known.match.test(line.text)))
    .map((line) => `${line.part}: ${secrets.blank(line.text)}`)
  for (const line of lines) secrets.search(line.text, `the log of ${line.part}`)
  return unexplained
}

async function quiet(stack: Stack): Promise<void> {
  const sizes = () => stack.parts().reduce((sum, part) => sum + part.logMark(), 0)
  for (let [before, rounds] = [-1, 0]; rounds < 40; rounds++) {
    const now = sizes()
    if (now === before) return
    before = now
    await sleep(50)
  }
}
