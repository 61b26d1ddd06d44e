import { expect, test } from 'vitest'
import { randomFrom } from '../../fixtures/random.ts'
import { fitCost, type Cell } from './fit.ts'

const random = randomFrom('sweep')

function cellsOf(cost: (connections: number, shards: number, payloadKb: number) => number): Cell[] {
  return [1, 8, 32, 64].flatMap((connections) =>
    [1, 2, 4].flatMap((shards) =>
      [0.1, 8, 64].map((payloadKb) => ({
        connections,
        shards,
        payloadKb,
        cost: cost(connections, shards, payloadKb) * (0.96 + random() * 0.08),
      })),
    ),
  )
}

test('costs that add up are told as a sum, with the cost of one more of each', () => {
  const fit = fitCost(cellsOf((connections, shards, payload) => 100 + 0.5 * connections + 40 * shards + 2 * payload))!
  expect(fit.model).toBe('sum')
  expect(fit.error).toBeLessThan(0.05)
  const [fixed, connections, shards, payload] = fit.coefficients
  for (const [found, truth] of [
    [fixed, 100],
    [connections, 0.5],
    [shards, 40],
    [payload, 2],
  ] as const) {
    // One interval in twenty misses: half as wide again will do.
    const air = (found!.high - found!.low) / 2
    expect(found!.low - air).toBeLessThan(truth)
    expect(found!.high + air).toBeGreaterThan(truth)
  }
  expect(fit.foretell({ connections: 16, shards: 3, payloadKb: 32 })).toBeCloseTo(292, -1.3)
})

test('costs that multiply are told by their exponents', () => {
  const fit = fitCost(cellsOf((connections, shards, payload) => 50 * connections ** 0.3 * shards ** 1.1 * payload ** 0.2))!
  expect(fit.model).toBe('power')
  expect(fit.coefficients.map(({ value }) => Number(value.toFixed(1)))).toEqual([expect.closeTo(50, -1), 0.3, 1.1, 0.2])
})

test('what does not change in the cells has no coefficient; too few cells have no model', () => {
  const cells = cellsOf((connections) => 100 + connections).filter(({ shards, payloadKb }) => shards === 1 && payloadKb === 8)
  expect(fitCost(cells)?.coefficients.map(({ name }) => name)).toEqual(['fixed', 'connections'])
  expect(fitCost(cells.slice(0, 3))).toBeNull()
})
