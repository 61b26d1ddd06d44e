import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exampleCurve, exampleLatency, exampleTrend } from '../perf/plots/testing/examples.ts'
import type { Spec } from '../spec/load.ts'
import { exampleRun, exampleSpec } from './testing/example.ts'
import { writeReports } from './write.ts'

let dir: string
let spec: Spec
const out = () => join(dir, 'out')
const read = (name: string) => readFileSync(join(out(), 'a', name), 'utf8')

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'orochi-pictures-'))
  spec = exampleSpec(join(dir, 'spec'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const files = { 'holds.overhead.measured.json': JSON.stringify(exampleLatency()), 'throughput.curve.json': JSON.stringify(exampleCurve) }

/** `spoiled`: what is kept is no longer what was recorded. */
async function report(spoiled = false): Promise<void> {
  mkdirSync(join(out(), 'a'), { recursive: true })
  const extra = Object.entries(files).map(([name, content]) => {
    writeFileSync(join(out(), 'a', name), spoiled ? content.replace('0.42', '0.01').replace('7000', '9000') : content)
    const sha256 = createHash('sha256').update(content).digest('hex')
    return { kind: 'attached', at: '2026-01-01T00:00:00Z', entry: 'JWT-001', attempt: 1, name, path: name, sha256 } as const
  })
  exampleRun(spec, join(out(), 'a'), { told: [{ id: 'JWT-001', clause: { verdict: 'proved' }, whole: { verdict: 'proved' }, extra }] })
  await writeReports({ spec, out: out(), run: 'a', into: join(out(), 'a'), gate: 'run', allure: false, trendOf: exampleTrend })
}

test('the page shows each figure with its interval, budget and conditions, and three kinds of plots', async () => {
  await report()
  const page = read('index.html')
  for (const words of [
    '+0.42 ms [0.32, 0.52]',
    '&lt; 2 ms at p99',
    '1500 simple queries/s',
    'latency by percentile',
    'latency against throughput',
    'the last 14 runs',
  ])
    expect(page).toContain(words)
  expect(page.match(/<svg [^>]*class="plot"/g)).toHaveLength(3)
  expect(page.match(/<style>/g)).toHaveLength(1)
  expect(page).toContain('<a href="#figures">Figures</a>')
  expect(read('summary.md')).toContain('| JWT-001 | pgdog | query_overhead | +0.42 ms [0.32, 0.52] | < 2 ms at p99 | proved | 0.05 ms |')
})

test('nothing on the page needs a style that its policy forbids', async () => {
  await report()
  expect(read('index.html')).not.toMatch(/<[^>]+ style=/)
})

test('Allure has the plots as pictures beside the figures themselves', async () => {
  await report()
  const results = readdirSync(join(out(), 'a', 'allure-results')).filter((name) => name.endsWith('-result.json'))
  const [result] = results
    .map(
      (name) =>
        JSON.parse(read(join('allure-results', name))) as { name: string; attachments: { name: string; type: string; source: string }[] },
    )
    .filter(({ name }) => name.startsWith('JWT-001'))
  const pictures = result!.attachments.filter(({ type }) => type === 'image/svg+xml')
  expect(pictures.map(({ name }) => name)).toEqual([
    'PERF-002 query_overhead: latency by percentile (pgdog)',
    'PERF-003: latency against throughput',
    'PERF-002 query_overhead: the last 14 runs (pgdog)',
  ])
  expect(read(join('allure-results', pictures[0]!.source))).toMatch(/^<svg [^>]*width="600"[\s\S]*<style>[\s\S]*<\/svg>/)
})

test('what is not as it was recorded is not shown as a figure', async () => {
  await report(true)
  expect(read('index.html')).not.toContain('id="figures"')
})
