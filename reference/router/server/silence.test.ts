import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchSilence } from './silence.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

function watched(limitMs: number, isOwed = () => true) {
  const over: number[] = []
  return { over, silence: watchSilence({ limitMs, isOwed, onOver: (ms) => over.push(ms) }) }
}

test('who owes an answer and says nothing is noticed when the time is over, once', () => {
  const { over, silence } = watched(100)
  silence.asked()
  vi.advanceTimersByTime(99)
  expect(over).toEqual([])
  vi.advanceTimersByTime(1_000)
  expect(over).toEqual([100])
})

test('every word gives new time', () => {
  const { over, silence } = watched(100)
  silence.asked()
  for (let i = 0; i < 10; i++) {
    vi.advanceTimersByTime(60)
    silence.heard()
  }
  expect(over).toEqual([])
  vi.advanceTimersByTime(101)
  expect(over).toEqual([100])
})

test('nothing is noticed when nothing is owed, when nobody minds, and without a limit', () => {
  const answered = watched(100, () => false)
  const forgotten = watched(100)
  const patient = watched(0)
  for (const { silence } of [answered, forgotten, patient]) silence.asked()
  forgotten.silence.forget()
  vi.advanceTimersByTime(10_000)
  expect([answered.over, forgotten.over, patient.over]).toEqual([[], [], []])
})
