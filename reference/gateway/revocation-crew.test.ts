import { expect, test } from 'vitest'
import type { Crew } from './crew.ts'
import { shareRevocations } from './revocation-crew.ts'
import { makeRevocations } from './revocations.ts'

/** Workers that hear each other at once. */
function crewOf(size: number): readonly Crew[] {
  const listeners: { topic: string; number: number; hear: (text: string, from: number) => void }[] = []
  return Array.from({ length: size }, (_, number) => ({
    number,
    size,
    gate: null,
    tell(topic, text, to) {
      expect(text.length).toBeLessThanOrEqual(65_536)
      for (const one of listeners)
        if (one.topic === topic && one.number !== number && (to ?? one.number) === one.number) one.hear(text, number)
    },
    hear(topic, hear) {
      listeners.push({ topic, number, hear })
      return { [Symbol.dispose]: () => {} }
    },
  }))
}

test('who comes later knows what was pushed before, and who was there is told nothing twice', () => {
  const list = () => makeRevocations(() => ({ maxEntries: 10_000, keepMs: 60_000, now: () => 0 }))
  const [crew, first, second] = [crewOf(2), list(), list()]
  using _ = shareRevocations(crew[0]!, first)
  first.push(Array.from({ length: 5000 }, (__, index) => ({ subject: 'jti' as const, value: `token-${index}`.padEnd(index % 1000, 'x') })))
  first.push([{ subject: 'sub', value: 'eve', issuer: 'https://a', before: 7 }])
  using __ = shareRevocations(crew[1]!, second)
  expect(second.pushed()).toEqual(first.pushed())
  expect([first.size, second.size]).toEqual([5001, 5001])
})
