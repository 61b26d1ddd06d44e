import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { expect, test } from 'vitest'
import type { Figures } from '../metrics.ts'
import { bury, renderSum } from './sums.ts'

async function figuresOf(logins: number, sessions: number, seconds: readonly number[]): Promise<Figures> {
  const registry = new Registry()
  const registers = [registry]
  new Counter({ name: 'orochi_logins_total', help: 'h', labelNames: ['outcome'], registers }).inc({ outcome: 'accepted' }, logins)
  new Gauge({ name: 'orochi_sessions', help: 'h', registers }).set(sessions)
  const histogram = new Histogram({ name: 'orochi_seconds', help: 'h', buckets: [0.1, 1], registers })
  seconds.forEach((value) => histogram.observe(value))
  return JSON.parse(JSON.stringify(await registry.getMetricsAsJSON())) as Figures
}

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

test('counters, gauges and histograms are added up label by label', async () => {
  const sum = await renderSum([await figuresOf(2, 1, [0.05]), await figuresOf(3, 4, [0.5, 5])])
  expect(linesOf(sum)).toEqual([
    'orochi_logins_total{outcome="accepted"} 5',
    'orochi_sessions 5',
    'orochi_seconds_bucket{le="0.1"} 1',
    'orochi_seconds_bucket{le="1"} 2',
    'orochi_seconds_bucket{le="+Inf"} 3',
    'orochi_seconds_sum 5.55',
    'orochi_seconds_count 3',
  ])
})

test('of those who are gone stays what they counted, and not what they had', async () => {
  let buried: Figures = []
  for (let n = 0; n < 3; n++) buried = await bury(buried, await figuresOf(2, 7, [0.5]))
  const lines = linesOf(await renderSum([await figuresOf(1, 1, []), buried]))
  expect(lines).toContain('orochi_logins_total{outcome="accepted"} 7')
  expect(lines).toContain('orochi_sessions 1')
  expect(lines).toContain('orochi_seconds_count 3')
})

test('nobody is nothing', async () => {
  expect(linesOf(await renderSum([[], []]))).toEqual([])
})
