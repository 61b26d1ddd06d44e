import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readPgbenchLog } from './log.ts'

test('a log is read: times from the schedule, lags, what was skipped and what failed', () => {
  const log = readPgbenchLog([
    '0 1 2340 0 1790000000 1234 120\n0 2 skipped 0 1790000000 2234 51000\n',
    '1 1 900 0 1790000000 1000 40 0\n1 2 failed 0 1790000000 3000 12 1\n1 3 serialization 0 1790000001 1 9\n',
  ])
  expect([...log.times]).toEqual([2.34, 0.9])
  expect([...log.lag]).toEqual([0.12, 0.04])
  expect([log.skipped, log.failed]).toEqual([1, 2])
})

test('an empty log has nothing in it; a line that was cut off is no figure', () => {
  expect(readPgbenchLog([])).toMatchObject({ skipped: 0, failed: 0 })
  expect(() => readPgbenchLog(['0 1 2340 0 17900'])).toThrow('pgbench wrote a line that cannot be read: 0 1 2340 0 17900')
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (line) => {
      fc.pre(!/^[\d ]+(skipped|failed)?[\d ]*$/.test(line) && line.trim() !== '')
      expect(() => readPgbenchLog([line.replaceAll('\n', 'x')])).toThrow('cannot be read')
    }),
  )
})
