import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bucketsOf, parseMetrics, quantileOf, sumByShard, sumOf } from './open-metrics.ts'

const pgdog = `# TYPE sv_active gauge
# HELP sv_active Servers currently serving client requests.
sv_active{user="app",database="orochi",host="127.0.0.1",port="5001",shard="0",role="primary"} 2
sv_active{user="app",database="orochi",host="127.0.0.1",port="5002",shard="1",role="primary"} 3
total_query_count{shard="0",role="primary"} 10
total_query_count{shard="0",role="replica"} 5
total_query_count{shard="1",role="primary"} 7
avg_query_time{shard="0"} 0.250
`

test('sums go over users, servers and roles; by shard where it is asked; a namespace is no matter', () => {
  for (const text of [pgdog, pgdog.replaceAll(/^(?=[a-z])/gm, 'orochi_pgdog_'), pgdog.replaceAll(/^(?=[a-z])/gm, 'pgdog.')]) {
    const samples = parseMetrics(text)
    expect(sumOf(samples, 'sv_active')).toBe(5)
    expect(sumByShard(samples, 'total_query_count')).toEqual({ 0: 15, 1: 7 })
  }
})

test('labels may hold commas, braces and escaped quotes', () => {
  const [sample] = parseMetrics(String.raw`a_total{x="1,2}",y="say \"hi\"\n",z=""} 4 1700000000`)
  expect([...sample!.labels]).toEqual([
    ['x', '1,2}'],
    ['y', 'say "hi"\n'],
    ['z', ''],
  ])
  expect(sample!.value).toBe(4)
})

test('a quantile lies on the line within its bucket; beyond the last bound it is that bound', () => {
  const text = ['0.1', '0.2', '+Inf'].map((le, i) => `d_bucket{le="${le}"} ${[50, 100, 100][i]}`).join('\n')
  const buckets = bucketsOf(parseMetrics(text), 'd')
  expect(quantileOf(buckets, 0.5)).toBeCloseTo(0.1)
  expect(quantileOf(buckets, 0.99)).toBeCloseTo(0.198)
  expect(quantileOf(bucketsOf(parseMetrics('d_bucket{le="1"} 0\nd_bucket{le="+Inf"} 9'), 'd'), 0.99)).toBe(1)
  expect(quantileOf(new Map(), 0.99)).toBeNull()
})

test('whatever is sent, it is read without a throw, and sums are numbers', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('a', '{', '}', '"', '\\', '=', ',', ' ', '\n', '1', 'NaN') })),
      (text) => {
        const samples = parseMetrics(text)
        for (const { name } of samples) expect(sumOf(samples, name)).toBeTypeOf('number')
      },
    ),
  )
})
