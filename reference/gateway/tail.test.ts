import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeBackend } from '../wire/index.ts'
import { Tail } from './tail.ts'

const ready = (status: 'I' | 'T' | 'E') => encodeBackend({ kind: 'ready-for-query', status })
const complete = encodeBackend({ kind: 'command-complete', tag: 'SELECT 1' })

function tailAt() {
  const sent = { bytes: 10 }
  return { sent, tail: new Tail(() => sent.bytes) }
}

test('after the greeting the stream is at rest, and idle until something is sent', () => {
  const { tail, sent } = tailAt()
  expect([tail.atRest, tail.idle]).toEqual([true, true])
  sent.bytes += 1
  expect([tail.atRest, tail.idle]).toEqual([true, false])
})

test('it is at rest behind ReadyForQuery only, wherever the answer was cut into chunks', () => {
  const answer = Buffer.concat([complete, ready('T')])
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: answer.length - 1 }), { maxLength: 8 }), (cuts) => {
      const { tail } = tailAt()
      const ends = [...new Set(cuts)].toSorted((one, other) => one - other)
      for (const [index, end] of [...ends, answer.length].entries()) {
        tail.see(answer.subarray(ends[index - 1] ?? 0, end))
        if (end < answer.length) expect(tail.atRest).toBe(false)
      }
      // Cut within the last message, right behind a longer chunk, it may be missed: never the other way about.
      if (ends.every((end) => end <= complete.length)) expect([tail.atRest, tail.idle]).toEqual([true, false])
    }),
  )
})

test('a transaction that ends is told of once it has ended', () => {
  const { tail } = tailAt()
  let told = 0
  tail.onIdle = () => void told++
  for (const status of ['T', 'E', 'I'] as const) tail.see(Buffer.concat([complete, ready(status)]))
  expect(told).toBe(1)
})
