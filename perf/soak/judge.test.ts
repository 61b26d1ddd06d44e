import { expect, test } from 'vitest'
import { randomFrom } from '../../fixtures/random.ts'
import { growthPlot } from '../plots/growth.ts'
import { drawPlot } from '../plots/svg.ts'
import { judgeSoak, verdictOf } from './judge.ts'
import { soakText } from './tell.ts'
import type { SoakRecord } from './watch.ts'

/** A soak of an hour; each series is made from the hours that have passed. */
function recordOf(series: Record<string, (hours: number) => number>): SoakRecord {
  const random = randomFrom(Object.keys(series).join())
  const windows = 360
  const made = Object.entries(series).map(([name, at]) => {
    const samples = Array.from({ length: windows }, (_, n) => ({ seconds: n * 10, value: at(n / 360) + random() * 0.3 }))
    return [name, samples] as const
  })
  return { series: new Map(made), windows, operations: 72_000, logins: 7200, failures: 0, trouble: '' }
}

const steady = { 'memory of gateway-0': () => 80, 'descriptors of pooler-0': () => 40, 'server connections': () => 5, answered: () => 200 }

test('an hour in which nothing grows shows no leak', () => {
  const findings = judgeSoak(recordOf(steady))
  expect(verdictOf(findings)).toBe('no leak seen')
  expect(soakText(recordOf(steady), findings)).toMatch(/^360 windows, 72000 queries, 7200 logins, none failed\n[\s\S]*no leak seen$/)
})

test.each([
  ['memory', { 'memory of gateway-0': (h: number) => 80 + 60 * h }],
  ['descriptors', { 'descriptors of pooler-0': (h: number) => 40 + 12 * h }],
  ['connections', { 'server connections': (h: number) => 5 + 9 * h }],
  ['throughput that falls', { answered: (h: number) => 200 - 50 * h }],
])('a leak is told with its rate: %s', (_name, growing) => {
  const record = recordOf({ ...steady, ...growing })
  const findings = judgeSoak(record)
  expect(verdictOf(findings)).toBe('leak')
  expect(soakText(record, findings)).toMatch(/\nleak: .* by -?\d+(\.\d+)? \S+\/h \[/)
})

test('what only the servers hold is shown and not judged', () => {
  const findings = judgeSoak(recordOf({ ...steady, 'memory of postgres-0': (h: number) => 30 + 80 * h }))
  expect(verdictOf(findings)).toBe('no leak seen')
  expect(findings.find(({ series }) => series === 'memory of postgres-0')).toMatchObject({
    verdict: 'grows',
    shownOnly: expect.stringContaining('shared memory') as string,
  })
})

test('a picture of a soak has its slope in words', () => {
  const [finding] = judgeSoak(recordOf({ 'memory of gateway-0': (h) => 80 + 60 * h }))
  expect(drawPlot(growthPlot(finding!), 'alone')).toMatch(/<desc[^>]*>memory of gateway-0 over 59\.8 minutes: 60/)
})

test('latency that rises within minutes is not called a leak: other work may have begun', () => {
  const short = recordOf({ ...steady, 'latency over direct': (h) => 3 + 400 * h })
  const minutes = new Map(
    [...short.series].map(([name, samples]) => [name, samples.map(({ seconds, value }) => ({ seconds: seconds / 12, value }))]),
  )
  const told = judgeSoak({ ...short, series: minutes }).find(({ series }) => series === 'latency over direct')
  expect(told).toMatchObject({ verdict: 'too short to tell', why: expect.stringContaining('other work on the machine decides') as string })
  expect(verdictOf(judgeSoak(short))).toBe('leak')
})
