/** A judgement in words: each finding with the operations that show it and a small timeline; the figures of the history. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { summaryOf, type Service } from './figures.ts'
import type { Finding } from './finding.ts'
import type { History, Operation } from './history/record.ts'
import { checkNamed, type Judgement } from './judge.ts'
import { shrink } from './shrink.ts'
import { timelineSvg, timelineText } from './timeline.ts'

export interface Shown extends Finding {
  /** The fewest that show it. */
  readonly shrunk: readonly Operation[]
}

/** Of one kind so many are shrunk and drawn; the rest is told in words. */
const drawnOfOneKind = 3

export async function showAll(history: History, { findings }: Judgement): Promise<readonly Shown[]> {
  const counts = new Map<string, number>()
  const shown: Shown[] = []
  for (const finding of findings) {
    const count = (counts.get(finding.kind) ?? 0) + 1
    counts.set(finding.kind, count)
    const shrunk = count > drawnOfOneKind ? [] : shrink(history, await checkNamed(finding.check), finding)
    shown.push({ ...finding, shrunk })
  }
  return shown
}

export function tellFinding(history: History, { check, kind, text, shrunk }: Shown): string {
  const timeline = timelineText(history, shrunk)
  return [`${check}: ${kind}: ${text}`, ...(timeline === '' ? [] : [timeline])].join('\n')
}

export function tellFigures(history: History): string {
  const { before, during, after, longestOutageMs, slowestRecoveryMs, longestHalfMs, errors } = summaryOf(history)
  const wrong = Object.entries(errors).map(([name, count]) => `${count} × ${name}`)
  return [
    `before ${service(before)}, during ${service(during)}, after ${service(after)}`,
    `longest outage of a client ${longestOutageMs} ms, slowest recovery ${slowestRecoveryMs} ms, one half of a transaction seen for ${longestHalfMs} ms at most`,
    ...history.faults.map(
      ({ name, target, injectMs, healedMs, effect }) =>
        `fault ${name} on ${target}, ${Math.round(injectMs)}–${healedMs === null ? '' : Math.round(healedMs)} ms: ${effect ?? 'it was not seen to bite'}`,
    ),
    ...(wrong.length === 0 ? [] : [`errors: ${wrong.join(', ')}`]),
  ].join('\n')
}

const service = ({ ok, fail, info, perSecond }: Service): string => `${ok} ok, ${fail} failed, ${info} unknown (${perSecond}/s)`

/** One SVG for each finding that can be drawn; returns their paths. */
export function drawAll(history: History, shown: readonly Shown[], folder: string): readonly string[] {
  return shown
    .filter(({ shrunk }) => shrunk.length > 0)
    .map(({ check, kind, text, shrunk }, at) => {
      mkdirSync(folder, { recursive: true })
      const file = join(folder, `${at + 1}-${check}-${kind}.svg`)
      writeFileSync(file, timelineSvg(history, shrunk, `${check}: ${text}`))
      return file
    })
}
