import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import type { Budget } from '../../spec/entry.ts'
import { toolOf } from '../../stack/load-tools.ts'
import type { K6Plan, K6Target } from './plan.ts'
import { resultOf, runK6 } from './run.ts'
import { thresholdsOf } from './thresholds.ts'

const budget = (more: Partial<Budget>): Budget => ({ metric: 'm', op: '<', value: 2, unit: 'ms', percentile: 99, ...more })

test('budgets of the specification become thresholds', () => {
  expect(thresholdsOf(budget({}), ['a', 'b'])).toEqual({
    'http_req_duration{target:a}': ['p(99)<2'],
    'http_req_duration{target:b}': ['p(99)<2'],
    'checks{target:a}': ['rate==1'],
    'checks{target:b}': ['rate==1'],
    dropped_iterations: ['count==0'],
  })
  expect(thresholdsOf(budget({ unit: 's', percentile: 99.9 }), ['a'])['http_req_duration{target:a}']).toEqual(['p(99.9)<2000'])
  expect(thresholdsOf(budget({ percentile: null, op: '<=' }), ['a'])['http_req_duration{target:a}']).toEqual(['max<=2'])
  expect(thresholdsOf(budget({ unit: 'queries/s', op: '>' }), ['a'])['http_reqs{target:a}']).toEqual(['rate>2'])
  expect(() => thresholdsOf(budget({ unit: 'MB' }), ['a'])).toThrow('k6 has no threshold for a budget in MB')
})

const target = (name: string, url: string, status = 200): K6Target => ({
  name,
  method: 'GET',
  url,
  headers: {},
  body: null,
  status,
  perSecond: 40,
})
const planOf = (targets: readonly K6Target[], more: Partial<K6Plan> = {}): K6Plan => ({
  targets,
  seconds: 1,
  concurrency: 20,
  timeoutMs: 5000,
  thresholds: {},
  ...more,
})

test('points are told apart by target, and wrong answers are no times', () => {
  const point = (value: number, status: string) =>
    JSON.stringify({
      type: 'Point',
      metric: 'http_req_duration',
      data: { value, tags: { target: 'a', status, error: status === '0' ? 'refused' : '' } },
    })
  const points = [JSON.stringify({ type: 'Metric', metric: 'x', data: {} }), point(1, '200'), point(2, '200'), point(9, '0')].join('\n')
  const result = resultOf(planOf([target('a', ''), target('b', '')]), points, {
    metrics: {
      dropped_iterations: { values: { count: 3 }, thresholds: { 'count==0': { ok: false } } },
      vus: { values: {} },
    },
  })
  expect(result.figures[0]).toEqual({ target: 'a', requests: 3, failed: 1, times: Float64Array.of(1, 2), firstTrouble: 'refused' })
  expect(result.figures[1]).toMatchObject({ requests: 0, failed: 0 })
  expect([result.dropped, result.broken]).toEqual([3, ['dropped_iterations: count==0']])
})

const k6 = toolOf('k6')

test.skipIf(k6 === null)(
  'a real k6 keeps the rate, and its thresholds break where they should',
  async () => {
    let asked = 0
    const server = createServer((request, response) => {
      asked++
      const good = request.url === '/good'
      setTimeout(() => response.writeHead(good ? 200 : 503).end('x'), good ? 0 : 40)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const slow = budget({ value: 20, percentile: 50 })
      const plan = planOf([target('good', `${base}/good`), target('bad', `${base}/bad`)], {
        thresholds: thresholdsOf(slow, ['good', 'bad']),
      })
      const result = await runK6(k6!.path, plan)
      const [good, bad] = result.figures
      expect(good).toMatchObject({ failed: 0, firstTrouble: '' })
      expect(good!.times.length).toBeGreaterThanOrEqual(35)
      expect(bad).toMatchObject({ firstTrouble: 'answered 503' })
      expect(bad!.failed).toBe(bad!.requests)
      expect(asked).toBe(good!.requests + bad!.requests)
      expect(result.broken).toEqual(expect.arrayContaining(['http_req_duration{target:bad}: p(50)<20', 'checks{target:bad}: rate==1']))
    } finally {
      server.close()
    }
  },
  60_000,
)
