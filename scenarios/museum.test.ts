import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { expect, test } from 'vitest'
import { yesSayers } from './contract.ts'
import { readHistory } from './history/read.ts'
import { allChecks, checkNamed, judge } from './judge.ts'
import { shrink } from './shrink.ts'
import { linesOf } from './testing/to-lines.ts'
import { timelineSvg, timelineText } from './timeline.ts'
import { parseHistory } from './history/read.ts'

const folder = join(import.meta.dirname, 'museum')
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.jsonl'))
  .map((file) => file.replace('.jsonl', ''))

interface Expected {
  readonly shows: string
  readonly findings: readonly { readonly check: string; readonly kind: string; readonly operations: readonly number[] }[]
}
const expected = parse(readFileSync(join(folder, 'expected.yaml'), 'utf8')) as Record<string, Expected>
const historyOf = (name: string) => readHistory(join(folder, `${name}.jsonl`))

test('every history of the museum has a label, and every label a history', () => {
  expect(names.toSorted()).toEqual(Object.keys(expected).toSorted())
})

test.each(names)('%s is judged as ever', async (name) => {
  const { findings, unknown, cutOff } = await judge(historyOf(name), allChecks())
  expect(findings.map(({ check, kind, operations }) => ({ check, kind, operations }))).toEqual(expected[name]!.findings)
  expect([unknown, cutOff]).toEqual([[], name === 'cut-off'])
})

test('every check has a history here that it finds something in', async () => {
  const checks = await Promise.all(allChecks().map(checkNamed))
  const anomaliesFor = (check: string) =>
    names.flatMap((name) =>
      expected[name]!.findings.filter((one) => one.check === check).map(({ kind }) => ({ kind, history: historyOf(name) })),
    )
  expect(yesSayers(checks, anomaliesFor)).toEqual([])
})

test.each(names.filter((name) => name.startsWith('bad-')))('%s is shrunk to what shows it, and drawn', async (name) => {
  const history = historyOf(name)
  const { findings } = await judge(history, allChecks())
  for (const finding of findings) {
    const check = await checkNamed(finding.check)
    const shrunk = shrink(history, check, finding)
    expect(shrunk.length === 0).toBe(finding.operations.length === 0)
    if (shrunk.length === 0) continue
    const again = check.judge({ ...history, operations: shrunk })
    expect(again.map(({ kind }) => kind)).toContain(finding.kind)
    expect(timelineText(history, shrunk).split('\n').length).toBeGreaterThan(shrunk.length)
    const svg = timelineSvg(history, shrunk, finding.text)
    expect(svg.match(/<rect /g)!.length).toBeGreaterThanOrEqual(Math.min(24, shrunk.length))
    expect(svg).not.toContain('<script')
  }
})

test('a history that was read can be written again', () => {
  for (const name of ['good-small', 'bad-half-transaction']) expect(parseHistory(linesOf(historyOf(name)))).toEqual(historyOf(name))
})
