import { expect, test } from 'vitest'
import { passedOn, makeSweeper, sweepBytes } from './sweep-young.ts'

test('so many bytes, however cut, are one sweep', () => {
  const swept: unknown[] = []
  const passed = makeSweeper((options) => swept.push(options))
  for (let chunk = 0; chunk < 10; chunk++) passed(sweepBytes / 10 - 1)
  expect(swept).toEqual([])
  passed(10)
  passed(sweepBytes - 1)
  expect(swept).toEqual([{ type: 'minor' }])
  passed(1)
  expect(swept).toHaveLength(2)
})

test('a Node that offers no collection is no trouble', () => {
  expect(() => makeSweeper(undefined)(sweepBytes)).not.toThrow()
})

test('chunks that were passed on do not pile up outside of the heap', () => {
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  for (let chunk = 0; chunk < 4000; chunk++) {
    passedOn(Buffer.allocUnsafeSlow(65_536).length)
    if (chunk % 100 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }
  expect(most).toBeLessThan(4 * sweepBytes)
})
