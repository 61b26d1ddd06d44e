import { appendFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Spec } from '../spec/load.ts'
import { closingLine, outcomeOf, standingOf } from './outcome.ts'
import { readRun, readRuns } from './read.ts'
import { rowsOf, type Row } from './rows.ts'
import { tableText } from './summary.ts'
import { exampleRun, exampleSpec, exampleTold } from './testing/example.ts'
import { writeReports } from './write.ts'

let dir: string
let spec: Spec

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'orochi-reports-'))
  spec = exampleSpec(join(dir, 'spec'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const rowsIn = (out: string): readonly Row[] => rowsOf(spec, readRuns(out))
const verdictsIn = (out: string) => Object.fromEntries(rowsIn(out).map((row) => [row.entry.id, row.verdict]))
const out = () => join(dir, 'out')

test('each verdict is derived from its evidence', () => {
  exampleRun(spec, join(out(), 'a'))
  expect(verdictsIn(out())).toEqual({
    'JWT-001': 'proved',
    'JWT-002': 'refuted',
    'JWT-003': 'unknown',
    'JWT-004': 'unsupported',
    'JWT-005': 'missing',
    'JWT-006': 'refuted',
  })
})

test('standings and the closing line count what is as expected, what is not, and what is unsupported', () => {
  exampleRun(spec, join(out(), 'a'))
  const rows = rowsIn(out())
  expect(Object.fromEntries(rows.map((row) => [row.entry.id, standingOf(row)]))).toEqual({
    'JWT-001': 'passed',
    'JWT-002': 'failed',
    'JWT-003': 'failed',
    'JWT-004': 'skipped',
    'JWT-005': 'failed',
    'JWT-006': 'passed',
  })
  expect(closingLine(outcomeOf(rows, 'run'))).toBe('2 passed, 3 failed, 1 skipped')
})

test.each([
  ['a surprise is 1', ['JWT-001', 'JWT-002'], 1],
  ['something unknown is 2', ['JWT-001', 'JWT-003'], 2],
  ['as expected is 0, a finding and something unsupported included', ['JWT-001', 'JWT-004', 'JWT-006'], 0],
] as const)('the exit code: %s', (_, ids, code) => {
  exampleRun(spec, join(out(), 'a'))
  const rows = rowsIn(out()).filter((row) => (ids as readonly string[]).includes(row.entry.id))
  expect(outcomeOf(rows, 'run').exitCode).toBe(code)
})

test('a proof where a refutation is expected is a surprise', () => {
  exampleRun(spec, join(out(), 'a'), [{ id: 'JWT-006', clause: { verdict: 'proved' }, whole: { verdict: 'proved' } }])
  const row = rowsIn(out()).find((one) => one.entry.id === 'JWT-006')!
  expect(row.surprise).toContain('expected refuted')
  expect(outcomeOf([row], 'run').exitCode).toBe(1)
})

test('nothing counted is never green', () => {
  expect(outcomeOf([], 'run').exitCode).toBe(2)
})

test('under the release gate every entry counts, planned or not', () => {
  exampleRun(spec, join(out(), 'a'), [])
  const rows = rowsIn(out()).map((row) => ({ ...row, planned: false }))
  expect(outcomeOf(rows, 'release')).toMatchObject({ failed: 6, exitCode: 2 })
})

test('evidence for other words than today’s is stale and does not count', () => {
  exampleRun(spec, join(out(), 'a'), [{ id: 'JWT-001', clause: { verdict: 'proved' }, whole: { verdict: 'proved' }, grounds: 'old' }])
  const row = rowsIn(out()).find((one) => one.entry.id === 'JWT-001')!
  expect(row.verdict).toBe('missing')
  expect(row.why).toContain('the words of the entry')
})

test('a run in which a liar stood in counts for nothing', () => {
  exampleRun(spec, join(out(), 'a'), exampleTold, 'gateway-forgets-expiry')
  expect(new Set(Object.values(verdictsIn(out())))).toEqual(new Set(['missing']))
})

test('attempts that do not agree fail, whatever the last one says', () => {
  const good = { id: 'JWT-001', clause: { verdict: 'proved' }, whole: { verdict: 'proved' } } as const
  exampleRun(spec, join(out(), 'a'), [
    { ...good, clause: { verdict: 'refuted', why: 'once' }, attempt: 1 },
    { ...good, attempt: 2 },
  ])
  const row = rowsIn(out()).find((one) => one.entry.id === 'JWT-001')!
  expect(row.verdict).toBe('refuted')
  expect(row.why).toContain('attempts do not agree')
  expect(standingOf(row)).toBe('failed')
})

test('over several runs the newest evidence that counts wins', () => {
  exampleRun(spec, join(out(), 'b-newer'), [exampleTold[0]!], null, '2026-01-02T00:00:00.000Z')
  exampleRun(spec, join(out(), 'c-older'), [{ ...exampleTold[1]!, id: 'JWT-001' }], null, '2026-01-01T00:00:00.000Z')
  expect(verdictsIn(out())['JWT-001']).toBe('proved')
})

test('a last line that was cut off is left out; a broken line in the middle is an error with its place', () => {
  const run = join(out(), 'a')
  exampleRun(spec, run)
  appendFileSync(join(run, 'evidence.jsonl'), '{"kind":"ended","en')
  expect(readRun(run).lines.at(-1)?.kind).toBe('ended')
  appendFileSync(join(run, 'evidence.jsonl'), '\n{}\n')
  expect(() => readRun(run)).toThrow(/evidence\.jsonl:\d+: this line is no JSON/)
})

test('JSON, JUnit and Allure tell the same verdicts', async () => {
  exampleRun(spec, join(out(), 'a'))
  const { rows, files } = await writeReports({ spec, out: out(), run: 'a', into: join(out(), 'a'), gate: 'run', allure: false })
  expect(files.every((file) => existsSync(file))).toBe(true)
  const junit = readFileSync(join(out(), 'a', 'junit.xml'), 'utf8')
  const results = readdirSync(join(out(), 'a', 'allure-results')).filter((name) => name.endsWith('-result.json'))
  const allure = new Map(
    results
      .map(
        (name) =>
          JSON.parse(readFileSync(join(out(), 'a', 'allure-results', name), 'utf8')) as {
            testCaseId: string
            status?: string
            name: string
          },
      )
      .map((one) => [one.name.split(' ')[0], one.status]),
  )
  for (const row of rows) {
    const xml = new RegExp(`<testcase[^>]*name="${row.entry.id} [\\s\\S]*?</testcase>`).exec(junit)?.[0] ?? ''
    const inJunit = xml.includes('<failure')
      ? 'failed'
      : xml.includes('<error')
        ? 'failed'
        : xml.includes('<skipped')
          ? 'skipped'
          : 'passed'
    const inAllure = { passed: 'passed', failed: 'failed', broken: 'failed', skipped: 'skipped' }[allure.get(row.entry.id) ?? 'broken']
    expect([row.entry.id, inJunit, inAllure]).toEqual([row.entry.id, standingOf(row), standingOf(row)])
    expect(xml).toContain(`name="verdict" value="${row.verdict}"`)
  }
})

test('what a part said cannot break a report', async () => {
  const hostile = '</script><img src=x> & "quotes" \u0000\u001b[31m | pipes \n lines'
  exampleRun(spec, join(out(), 'a'), [{ id: 'JWT-002', clause: { verdict: 'refuted', why: hostile }, whole: { verdict: 'proved' } }])
  await writeReports({ spec, out: out(), run: 'a', into: join(out(), 'a'), gate: 'run', allure: false })
  const page = readFileSync(join(out(), 'a', 'index.html'), 'utf8')
  expect(page).not.toContain('<img')
  expect(readFileSync(join(out(), 'a', 'junit.xml'), 'utf8')).not.toContain('\u0000')
  expect(
    readFileSync(join(out(), 'a', 'summary.md'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| JWT-002')),
  ).toHaveLength(1)
})

test('the table shows every planned row, and failures whole', () => {
  exampleRun(spec, join(out(), 'a'))
  const text = tableText(rowsIn(out()), 'run', false)
  expect(text).toContain('6 verdicts: 1 proved, 2 refuted, 1 unknown, 1 unsupported, 1 missing')
  expect(text).toContain('expected <a> & got "b"')
  expect(text).toContain('as expected of pgdog: reality denies it')
})

test('each pooler that the plan wanted has a row, also where nothing that counts came of it', () => {
  exampleRun(spec, join(out(), 'a'))
  const runs = readRuns(out()).map((run) => ({ ...run, plan: { ...run.plan!, pooler: 'pgdog+router' } }))
  const rows = rowsOf(spec, runs).filter((row) => row.entry.id === 'JWT-001')
  expect(rows.map((row) => [row.pooler, row.verdict])).toEqual([
    ['pgdog', 'proved'],
    ['router', 'missing'],
  ])
})
