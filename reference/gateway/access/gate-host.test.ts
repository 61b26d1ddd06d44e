import fc from 'fast-check'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { noLeases } from '../leases/leases.ts'
import { Refusal } from '../reasons.ts'
import { sourceOf } from './address.ts'
import { openBooks } from './books.ts'
import { GateHost } from './gate-host.ts'
import { makeGate, type Gate, type Guest } from './gate.ts'
import { gateLimits } from './limits-config.ts'
import { makeRemoteGate } from './remote-gate.ts'

const defaults = z.object(gateLimits).parse({ perAddress: { exempt: [], connects: { count: 2, windowMs: 1000 }, handshakes: 1 } })

function open(limits: Partial<typeof defaults> = {}) {
  const books = openBooks({ now: () => 0, registry: new Registry(), capacity: 100 })
  const terms = { limits: { ...defaults, ...limits }, cancels: { count: 2, windowMs: 1000 }, allow: undefined, books, leases: noLeases }
  const gate = makeGate({ ...terms, onBlocked: () => {} })
  const host = new GateHost(() => gate)
  const start = (number: number): Gate =>
    makeRemoteGate({ ask: (call) => host.answer(number, call), tell: (call) => void host.answer(number, call) })
  const workers = [start(0), start(1)]
  const die = (number: number) => {
    host.left(number)
    workers[number] = start(number)
  }
  return { books, host, worker: (number: number) => workers[number]!, die }
}

const arrive = (gate: Gate, address = '192.0.2.1') => gate.arrive(sourceOf(address)!)

async function fateOf(act: () => unknown): Promise<string> {
  try {
    await act()
    return 'in'
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause
    return [cause.reason, cause.notes.silent && 'silent', cause.notes.unrecorded && 'unrecorded'].filter(Boolean).join(' ')
  }
}

test('what an address does at one worker counts at the others', async () => {
  const { worker } = open()
  const knock = (number: number) =>
    fateOf(async () => {
      using guest = await arrive(worker(number))
      await guest.welcome()
    })
  const fates = []
  for (const number of [0, 1, 1, 0, 1, 0]) fates.push(await knock(number))
  expect(fates).toEqual([
    'in',
    'in',
    'too_many_connects',
    'too_many_connects',
    'too_many_connects silent',
    'too_many_connects silent unrecorded',
  ])
})

test('handshakes, failures, cancel requests and places of a tenant, over all workers', async () => {
  const { worker } = open({ perAddress: { ...defaults.perAddress, connects: { count: 99, windowMs: 1000 } } })
  const [one, other] = [await arrive(worker(0)), await arrive(worker(1))]
  const shaking = await one.beginHandshake()
  expect(await fateOf(() => other.beginHandshake())).toBe('too_many_handshakes silent')
  shaking[Symbol.dispose]()
  expect(await fateOf(() => other.beginHandshake())).toBe('in')
  const asked = [await one.askToCancel(), await other.askToCancel(), await one.askToCancel(), await other.askToCancel()]
  expect(asked.map(({ allowed, recorded }) => [allowed, recorded])).toEqual([
    [true, false],
    [true, false],
    [false, true],
    [false, false],
  ])
  expect([await fateOf(() => one.seat('a', 1)), await fateOf(() => other.seat('a', 1))]).toEqual(['in', 'too_many_for_tenant'])
  one[Symbol.dispose]()
  expect(await fateOf(() => other.seat('a', 1))).toBe('in')
  const guests: Guest[] = []
  for (let failure = 0; failure < defaults.perAddress.failures.count; failure++) guests.push(await arrive(worker(failure % 2)))
  for (const guest of guests) guest.refused(true)
  const late = await arrive(worker(0))
  expect(await fateOf(() => late.welcome())).toBe('too_many_failures')
})

test('a supervisor that does not answer lets nobody in', async () => {
  const gate = makeRemoteGate({ ask: () => Promise.resolve(null), tell: () => {} })
  expect(await fateOf(() => arrive(gate))).toBe('internal_error silent')
})

test('whatever workers do and when they die, in the end nobody is counted', async () => {
  const step = fc.constantFrom('welcome', 'handshake', 'seat', 'refused', 'header', 'die', 'leave')
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat({ max: 1 }), step), { maxLength: 40 }), async (steps) => {
      const { books, host, worker, die } = open({ perAddress: { ...defaults.perAddress, handshakes: 3, unauthenticated: 9 } })
      const here: Disposable[] = []
      for (const [number, what] of steps) {
        await fateOf(async () => {
          if (what === 'die') return die(number)
          if (what === 'leave') return here.pop()?.[Symbol.dispose]()
          if (what === 'header') return here.push(await worker(number).awaitHeader(sourceOf('192.0.2.9')!))
          const guest = await arrive(worker(number), `192.0.2.${steps.length % 3}`)
          here.push(guest)
          if (what === 'welcome') await guest.welcome()
          if (what === 'handshake') here.push(await guest.beginHandshake())
          if (what === 'seat') await guest.seat('a', 3)
          if (what === 'refused') guest.refused(true)
        })
        expect(books.clients.of('a')).toBeLessThanOrEqual(3)
      }
      for (const one of here) one[Symbol.dispose]()
      expect([books.strangers.all, books.clients.all, books.handshakes.all, host.size]).toEqual([0, 0, 0, 0])
    }),
    { numRuns: 60 },
  )
})
