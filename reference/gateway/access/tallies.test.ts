import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Tallies } from './tallies.ts'

const windowMs = 1000

function start(capacity = 1000) {
  const clock = { now: 0 }
  return { clock, tallies: new Tallies({ capacity, now: () => clock.now }) }
}

test('a window ends its time after its first event, to the millisecond', () => {
  const { clock, tallies } = start()
  expect([tallies.add('a', windowMs), tallies.add('a', windowMs)]).toEqual([1, 2])
  clock.now = 999
  expect([tallies.add('a', windowMs), tallies.add('b', windowMs)]).toEqual([3, 1])
  clock.now = 1000
  expect([tallies.add('a', windowMs), tallies.add('b', windowMs)]).toEqual([1, 2])
})

test('a clock that is set back starts afresh', () => {
  const { clock, tallies } = start()
  clock.now = 1_000_000
  for (let event = 0; event < 5; event++) tallies.add('a', windowMs)
  clock.now = 10
  expect(tallies.add('a', windowMs)).toBe(1)
})

test('it counts as a list of all events would', () => {
  const event = fc.record({ key: fc.constantFrom('a', 'b', 'c'), afterMs: fc.integer({ min: 0, max: 400 }) })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 200 }), (events) => {
      const { clock, tallies } = start()
      const windows = new Map<string, { since: number; count: number }>()
      for (const { key, afterMs } of events) {
        clock.now += afterMs
        const last = windows.get(key)
        const current = last !== undefined && clock.now - last.since < 1000 ? last : { since: clock.now, count: 0 }
        windows.set(key, { ...current, count: current.count + 1 })
        expect(tallies.add(key, windowMs)).toBe(current.count + 1)
      }
    }),
  )
})

test('a million keys take the room of the capacity', () => {
  const { tallies } = start(64)
  for (let key = 0; key < 1_000_000; key++) tallies.add(String(key), windowMs)
  expect(tallies.size).toBeLessThanOrEqual(64)
})
