import { expect, test } from 'vitest'
import { arrivals } from './arrivals.ts'
import { rateOf } from './block.ts'
import { closedLoop } from './closed-loop.ts'
import { openLoop } from './open-loop.ts'
import { openPacer } from './pacer.ts'
import { prepared, simple, transaction } from './statements.ts'
import { startEcho } from './testing/echo.ts'

const share = (values: Float64Array, above: number) => values.filter((value) => value > above).length / values.length

test('arrivals follow the seed, keep the rate, and their gaps are exponential', () => {
  const due = arrivals('a day', 1000, 20_000)
  expect(arrivals('a day', 1000, 20_000)).toEqual(due)
  expect(arrivals('another', 1000, 20_000)).not.toEqual(due)
  expect(due.length).toBeGreaterThan(19_300)
  expect(due.length).toBeLessThan(20_700)
  const gaps = due.slice(1).map((at, n) => at - due[n]!)
  // Of exponential gaps with a mean of 1 ms, e^-1 are longer than the mean and e^-3 longer than three times as much.
  expect(share(gaps, 1)).toBeCloseTo(Math.exp(-1), 1)
  expect(share(gaps, 3)).toBeCloseTo(Math.exp(-3), 2)
  expect(arrivals('a day', 10, 0)).toHaveLength(0)
})

test('a stall is charged to everybody who came meanwhile, which a closed loop does not see', async () => {
  await using echo = await startEcho()
  await using crowd = await echo.crowd(4, simple())
  await using pacer = await openPacer()
  const stalled = 400
  const later = setTimeout(() => echo.stall(stalled), 100)
  const open = await openLoop(crowd, pacer, arrivals('stall', 500, 1000))
  clearTimeout(later)
  expect(open.errors + open.dropped).toBe(0)
  expect(open.times).toHaveLength(open.scheduled)
  // Two hundred came while nothing was answered; half of them waited more than half of it.
  expect(share(open.times, stalled / 2)).toBeGreaterThan(0.12)
  setTimeout(() => echo.stall(stalled), 100)
  const closed = await closedLoop(crowd, 1000)
  expect(share(closed.times, stalled / 2)).toBeLessThan(0.05)
})

test('operations of several steps end with the last one, and errors are no times', async () => {
  await using echo = await startEcho({ refuseEvery: 10 })
  await using crowd = await echo.crowd(2, transaction())
  await using pacer = await openPacer()
  const block = await openLoop(crowd, pacer, arrivals('steps', 500, 400))
  expect(block.sent).toBe(block.scheduled)
  // Every tenth of three times as many answers.
  expect(block.errors).toBe(Math.floor((block.scheduled * 3) / 10))
  expect(block.times).toHaveLength(block.scheduled - block.errors)
  expect(block.trouble).toContain('XX000')
})

test('what is never answered is counted, not left out', async () => {
  await using echo = await startEcho()
  await using crowd = await echo.crowd(2, simple())
  await using pacer = await openPacer()
  setTimeout(() => echo.drop(), 200)
  const block = await openLoop(crowd, pacer, arrivals('drop', 500, 500))
  expect(block.dropped).toBeGreaterThan(0)
  expect(block.dropped + block.times.length).toBe(block.scheduled)
  expect(block.trouble).toBe('a connection was closed')
})

test('statements are made once, and each turn takes the next key', () => {
  const statement = prepared()
  expect(statement.steps(0)).not.toEqual(statement.steps(1))
  expect(statement.steps(0)).toBe(statement.steps(6))
})

test('a rate is what was answered over the time it took', () => {
  const none = new Float64Array(0)
  const block = {
    times: new Float64Array(500),
    scheduled: 500,
    sent: 500,
    dropped: 0,
    errors: 0,
    trouble: '',
    lateness: none,
    elapsedMs: 250,
  }
  expect(rateOf(block)).toBe(2000)
})
