import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { GateAnswer, GateCall } from '../access/gate-words.ts'
import { configSchema } from '../config.ts'
import { ConfigError } from '../config-error.ts'
import { Backoff } from './backoff.ts'
import { Place, type Child, type PlaceTerms } from './place.ts'
import { bounds, type Order, type Report } from './protocol.ts'

interface FakeChild extends Child {
  readonly orders: Order[]
  readonly killed: string[]
  report(report: Report): void
  exit(how: string): void
  /** What was sent leaves. */
  flush(): void
}

function makeChild(pid: number): FakeChild {
  let [hear, leave] = [(_: Report) => {}, (_: string) => {}]
  const orders: Order[] = []
  const killed: string[] = []
  const underWay: (() => void)[] = []
  return {
    pid,
    orders,
    killed,
    send: (order, gone = () => {}) => void (orders.push(order), underWay.push(gone)),
    kill: (signal) => void killed.push(signal),
    onReport: (listener) => void (hear = listener),
    onExit: (listener) => void (leave = listener),
    report: (report) => hear(report),
    exit: (how) => leave(how),
    flush: () => underWay.splice(0).forEach((gone) => gone()),
  }
}

function makePlace(replaced: Partial<PlaceTerms> = {}) {
  const children: FakeChild[] = []
  const deaths: unknown[] = []
  const place = new Place({
    fork: () => (children.push(makeChild(children.length + 1)), children.at(-1)!),
    start: () => ({ kind: 'start', number: 0, size: 1, port: 1, config: {} as ReturnType<typeof configSchema.parse> }),
    backoff: { firstMs: 100, maxMs: 1000, steadyMs: 5000 },
    died: (death) => deaths.push(death),
    up: () => {},
    word: () => {},
    wordLost: () => {},
    gate: () => Promise.resolve({ kind: 'fine' }),
    left: () => {},
    ...replaced,
  })
  return { place, children, deaths, last: () => children.at(-1)! }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

test('a worker that dies is replaced, later each time, and sooner again when it had lived', async () => {
  const { place, children, deaths, last } = makePlace()
  const open = place.open()
  last().report({ kind: 'up' })
  await open
  last().exit('SIGKILL')
  expect([place.isUp, deaths]).toEqual([false, [{ pid: 1, how: 'SIGKILL', againInMs: 100 }]])
  const waits = [100, 200, 400, 800, 1000, 1000]
  for (const [n, again] of waits.slice(1).entries()) {
    await vi.advanceTimersByTimeAsync(waits[n]!)
    last().exit('exit code 1')
    expect(deaths.at(-1)).toMatchObject({ pid: n + 2, againInMs: again })
  }
  await vi.advanceTimersByTimeAsync(1000)
  last().report({ kind: 'up' })
  expect(place.isUp).toBe(true)
  await vi.advanceTimersByTimeAsync(5000)
  last().exit('SIGSEGV')
  expect(deaths.at(-1)).toMatchObject({ how: 'SIGSEGV', againInMs: 100 })
  expect(children).toHaveLength(7)
})

test('a first worker that cannot run is a matter of the configuration, and is not replaced', async () => {
  const { place, children, last } = makePlace()
  const open = expect(place.open()).rejects.toEqual(new ConfigError('listen: cannot listen'))
  last().report({ kind: 'failed', problem: 'listen: cannot listen' })
  last().exit('exit code 78')
  await open
  await vi.advanceTimersByTimeAsync(60_000)
  expect(children).toHaveLength(1)
})

test('one that does not come up in time is killed', async () => {
  const { place, last } = makePlace()
  void place.open().catch(() => {})
  await vi.advanceTimersByTimeAsync(bounds.startMs)
  expect(last().killed).toEqual(['SIGKILL'])
})

test('a question is answered once, or not in time, or not at all when the process dies over it', async () => {
  const { place, last } = makePlace()
  expect(await place.ask({ kind: 'figures' })).toBeNull()
  void place.open()
  last().report({ kind: 'up' })
  const [first, second, third] = [place.ask({ kind: 'figures' }), place.ask({ kind: 'figures' }), place.ask({ kind: 'figures' }, 60_000)]
  last().report({ kind: 'answer', id: 2, answer: { kind: 'reloaded' } })
  last().report({ kind: 'answer', id: 99, answer: { kind: 'reloaded' } })
  expect(await second).toEqual({ kind: 'reloaded' })
  await vi.advanceTimersByTimeAsync(bounds.answerMs)
  expect(await first).toBeNull()
  last().exit('SIGKILL')
  expect(await third).toBeNull()
})

test('words to a worker that takes none are lost beyond a bound', () => {
  const wordLost = vi.fn()
  const { place, last } = makePlace({ wordLost })
  void place.open()
  last().report({ kind: 'up' })
  for (let n = 0; n < bounds.wordsUnderWay + 5; n++) place.tell(1, 'topic', 'text')
  expect([last().orders.length, wordLost.mock.calls.length]).toEqual([1 + bounds.wordsUnderWay, 5])
  last().flush()
  place.tell(1, 'topic', 'text')
  expect(wordLost).toHaveBeenCalledTimes(5)
})

test('draining waits for the end of the process, kills one that does not end, and starts no other', async () => {
  const { place, children, last } = makePlace()
  void place.open()
  last().report({ kind: 'up' })
  const drained = place.drain(5000)
  expect(last().orders.at(-1)).toEqual({ kind: 'drain', patienceMs: 5000 })
  await vi.advanceTimersByTimeAsync(5000 + bounds.exitMs)
  expect(last().killed).toEqual(['SIGKILL'])
  last().exit('SIGKILL')
  await drained
  await vi.advanceTimersByTimeAsync(60_000)
  expect(children).toHaveLength(1)
})

test('the second request to drain is the one that is in a hurry', async () => {
  const { place, last } = makePlace()
  void place.open()
  last().report({ kind: 'up' })
  const drained = Promise.all([place.drain(60_000), place.drain(0)])
  expect(last().orders.slice(-2)).toEqual([60_000, 0].map((patienceMs) => ({ kind: 'drain', patienceMs })))
  await vi.advanceTimersByTimeAsync(bounds.exitMs)
  expect(last().killed).toEqual(['SIGKILL'])
  last().exit('SIGKILL')
  await drained
})

test('nobody is started again while the place waits to be filled and is drained', async () => {
  const { place, children, last } = makePlace()
  void place.open()
  last().report({ kind: 'up' })
  last().exit('SIGKILL')
  await place.drain(1000)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(children).toHaveLength(1)
})

test('the wait never goes beyond its bound, however many die', () => {
  const backoff = new Backoff({ firstMs: 100, maxMs: 10_000, steadyMs: 30_000 })
  const waits = Array.from({ length: 2000 }, () => backoff.after(1))
  expect([waits[0], Math.max(...waits), waits.at(-1)]).toEqual([100, 10_000, 10_000])
})

test('questions to the gate are answered to the process that asked, and those of one that has ended are not even put', async () => {
  const calls: GateCall[] = []
  const left: string[] = []
  const answer = Promise.withResolvers<GateAnswer>()
  const { place, last } = makePlace({ gate: (call) => (calls.push(call), answer.promise), left: () => left.push('left') })
  const open = place.open()
  const first = last()
  first.report({ kind: 'up' })
  await open
  first.report({ kind: 'gate', id: 7, call: { op: 'welcome', guest: 1 } })
  first.exit('SIGKILL')
  first.report({ kind: 'gate', id: 8, call: { op: 'welcome', guest: 2 } })
  answer.resolve({ kind: 'fine' })
  await vi.advanceTimersByTimeAsync(100)
  expect([calls.length, left]).toEqual([1, ['left']])
  last().report({ kind: 'up' })
  last().report({ kind: 'gate', id: 1, call: { op: 'leave', guest: 1 } })
  await vi.advanceTimersByTimeAsync(1)
  expect(last().orders.slice(1)).toEqual([{ kind: 'gate', id: 1, answer: { kind: 'fine' } }])
  expect(first.orders).toHaveLength(1)
})
