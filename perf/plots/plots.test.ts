import { expect, test } from 'vitest'
import { exampleResult } from '../history/testing/example.ts'
import { curvePlot } from './curve.ts'
import { latencyPlot } from './latency.ts'
import type { Plot } from './plot.ts'
import { scaleOver } from './scale.ts'
import { drawPlot } from './svg.ts'
import { exampleCurve, exampleLatency, exampleTrend } from './testing/examples.ts'
import { trendPlot } from './trend.ts'

const labels = (kind: 'linear' | 'log' | 'percentile', values: number[]) => scaleOver(kind, values).ticks.map((tick) => tick.label)

test('ticks are numbers that people read easily', () => {
  expect(labels('linear', [0.2, 1.7])).toEqual(['0', '0.5', '1.0', '1.5', '2.0'])
  expect(labels('linear', [0, 61_000])).toEqual(['0', '20\u202f000', '40\u202f000', '60\u202f000', '80\u202f000'])
  expect(labels('linear', [-3, 4])).toContain('0')
  expect(labels('log', [0.2, 30])).toEqual(['0.2', '0.5', '1', '2', '5', '10', '20'])
  expect(labels('log', [1, 1e6])).toEqual([
    '1',
    '10',
    '100',
    '1000',
    '10\u202f000',
    '100\u202f000',
    '1000000'.replace(/\B(?=(\d{3})+$)/g, '\u202f'),
  ])
  expect(labels('percentile', [0.9999])).toEqual(['0 %', '50 %', '90 %', '99 %', '99.9 %', '99.99 %'])
})

test('every scale keeps order and stays on its axis, also with one value, none, or none that is finite', () => {
  for (const kind of ['linear', 'log', 'percentile'] as const)
    for (const values of [[], [0], [5], [0.1, 0.9], [Number.NaN, 3]]) {
      const { place } = scaleOver(kind, values)
      const places = [-1, 0, 0.1, 0.5, 0.9, 5, 1e9].map(place)
      expect(
        places.every((one) => one >= 0 && one <= 1),
        `${kind} over ${values.join(' ')}`,
      ).toBe(true)
      expect(places).toEqual(places.toSorted((a, b) => a - b))
    }
})

/** What opened is closed, in order. */
function wellFormed(svg: string): boolean {
  const open: string[] = []
  for (const [, closing, name, self] of svg.matchAll(/<(\/?)([a-z]+)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (closing !== '' && open.pop() !== name) return false
    if (closing === '' && self === '') open.push(name!)
  }
  return open.length === 0 && !/&(?!(amp|lt|gt|quot);)/.test(svg)
}

const plots = (): readonly (Plot | null)[] => [
  latencyPlot(exampleLatency()),
  curvePlot(exampleCurve),
  trendPlot(exampleTrend(), exampleResult(1).budget),
]

test('plots are whole, with a title and a description for whoever cannot see them', () => {
  for (const plot of plots()) {
    const svg = drawPlot(plot!, 'alone')
    expect(wellFormed(svg)).toBe(true)
    expect(svg).not.toMatch(/NaN|undefined|Infinity/)
    const [, title, description] = /aria-labelledby="(\S+) (\S+)"/.exec(svg) ?? []
    expect(svg).toContain(`<title id="${title}">`)
    expect(svg).toMatch(new RegExp(`<desc id="${description}">[^<]{80,}</desc>`))
    expect(drawPlot(plot!, 'alone')).toBe(svg)
    expect(drawPlot(plot!, 'page')).not.toContain('<style>')
  }
})

test('both clocks are drawn, and told apart', () => {
  const plot = latencyPlot(exampleLatency())!
  expect(plot.lines.map(({ name, dashed }) => [name, dashed])).toEqual([
    ['direct', false],
    ['', true],
    ['system', false],
    ['', true],
    ['direct again', false],
    ['', true],
    ['from the moment of sending', true],
  ])
  expect(plot.y.scale).toBe('log')
  expect(plot.description).toMatch(/direct: 20000 operations, p50 0\.\d+ ms, p90/)
})

test('without times, or with a single run, there is nothing to draw', () => {
  expect(latencyPlot(exampleResult(1))).toBeNull()
  expect(trendPlot(exampleTrend().slice(0, 1), null)).toBeNull()
})

test('what a part called itself does nothing to the page', () => {
  const hostile = curvePlot({ ...exampleCurve, id: '"><script>alert(1)</script>', unit: 'a&b\u0000' })
  const svg = drawPlot(hostile, 'page')
  expect(wellFormed(svg)).toBe(true)
  expect(svg).not.toContain('<script')
})
