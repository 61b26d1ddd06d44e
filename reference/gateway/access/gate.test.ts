import fc from 'fast-check'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { Refusal } from '../reasons.ts'
import { sourceOf } from './address.ts'
import { noLeases } from '../leases/leases.ts'
import { openBooks } from './books.ts'
import { makeGate, type LocalGate, type LocalGuest } from './gate.ts'
import { gateLimits, type GateLimits } from './limits-config.ts'

const defaults = z.object(gateLimits).parse({ perAddress: { exempt: [] } })

interface Wish {
  readonly limits?: Partial<Omit<GateLimits, 'perAddress'>>
  readonly perAddress?: Partial<GateLimits['perAddress']>
  readonly allow?: readonly string[]
}

function open({ limits, perAddress, allow }: Wish = {}) {
  const clock = { now: 1_000_000 }
  const registry = new Registry()
  const books = openBooks({ now: () => clock.now, registry, capacity: 100 })
  const blocked: string[] = []
  const gate = makeGate({
    limits: { ...defaults, ...limits, perAddress: { ...defaults.perAddress, ...perAddress } },
    cancels: { count: 2, windowMs: 1000 },
    allow,
    books,
    leases: noLeases,
    onBlocked: ({ text }) => blocked.push(text),
  })
  return { clock, gate, books, blocked, registry }
}

const arrive = (gate: LocalGate, address = '192.0.2.1'): LocalGuest => gate.arrive(sourceOf(address)!)

/** 'in', or why not, with what is special about it. */
function fateOf(act: () => unknown): string {
  try {
    act()
    return 'in'
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause
    return [cause.reason, cause.notes.silent && 'silent', cause.notes.unrecorded && 'unrecorded'].filter(Boolean).join(' ')
  }
}

function knock(gate: LocalGate, address?: string): string {
  return fateOf(() => {
    using guest = arrive(gate, address)
    guest.welcome()
  })
}

test('connects of an address: so many are let in, as many again are told, the rest is dropped; others are not concerned', () => {
  const { gate, clock } = open({ perAddress: { connects: { count: 2, windowMs: 1000 } } })
  expect(Array.from({ length: 7 }, () => knock(gate))).toEqual([
    'in',
    'in',
    'too_many_connects',
    'too_many_connects',
    'too_many_connects silent',
    'too_many_connects silent unrecorded',
    'too_many_connects silent unrecorded',
  ])
  expect(knock(gate, '192.0.2.2')).toBe('in')
  clock.now += 999
  expect(knock(gate)).toMatch(/^too_many_connects/)
  clock.now += 1
  expect(knock(gate)).toBe('in')
})

test('an IPv6 subscriber is his /64, an IPv4-mapped address the address in it', () => {
  const { gate } = open({ perAddress: { connects: { count: 2, windowMs: 1000 } } })
  const fates = ['2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8:0:1::1', '192.0.2.1', '::ffff:192.0.2.1', '::ffff:c000:201']
  expect(fates.map((address) => knock(gate, address))).toEqual(['in', 'in', 'too_many_connects', 'in', 'in', 'in', 'too_many_connects'])
})

test('failures shut an address out for a while, told once, and nobody else', () => {
  const { gate, clock, blocked } = open({ perAddress: { failures: { count: 3, windowMs: 1000, blockMs: 5000 } } })
  const guests = Array.from({ length: 5 }, () => arrive(gate))
  for (const guest of guests) guest.refused(true)
  expect(blocked).toEqual(['192.0.2.1'])
  expect([knock(gate), knock(gate, '192.0.2.2')]).toEqual(['too_many_failures', 'in'])
  clock.now += 4999
  expect(knock(gate)).toBe('too_many_failures')
  clock.now += 1
  expect(knock(gate)).toBe('in')
})

test('handshakes at once, until they are over', () => {
  const { gate } = open({ perAddress: { handshakes: 2 } })
  const guest = arrive(gate)
  const first = guest.beginHandshake()
  guest.beginHandshake()
  expect(fateOf(() => arrive(gate).beginHandshake())).toBe('too_many_handshakes silent')
  expect(fateOf(() => arrive(gate, '192.0.2.2').beginHandshake())).toBe('in')
  first[Symbol.dispose]()
  first[Symbol.dispose]()
  expect(fateOf(() => guest.beginHandshake())).toBe('in')
  expect(fateOf(() => guest.beginHandshake())).toBe('too_many_handshakes silent')
})

test('those not logged in, of an address and in all; whoever logs in or leaves makes room', () => {
  const { gate } = open({ limits: { unauthenticated: 3 }, perAddress: { unauthenticated: 2 } })
  const [first] = [arrive(gate), arrive(gate)]
  expect(fateOf(() => arrive(gate))).toBe('too_many_strangers silent')
  const other = arrive(gate, '192.0.2.2')
  expect(fateOf(() => arrive(gate, '192.0.2.3'))).toBe('too_many_strangers silent')
  void first!.seat('tenant-a', 10)
  expect(fateOf(() => arrive(gate, '192.0.2.3'))).toBe('in')
  expect(fateOf(() => arrive(gate, '192.0.2.4'))).toBe('too_many_strangers silent')
  other[Symbol.dispose]()
  expect(fateOf(() => arrive(gate, '192.0.2.4'))).toBe('in')
})

test('clients in all: told before they are asked for a token, and again when a good token comes too late', () => {
  const { gate } = open({ limits: { clients: 1 } })
  const [quick, slow] = [arrive(gate), arrive(gate)]
  expect([fateOf(quick.welcome), fateOf(slow.welcome)]).toEqual(['in', 'in'])
  expect([fateOf(() => quick.seat('a', 9)), fateOf(() => slow.seat('b', 9))]).toEqual(['in', 'too_many_clients'])
  expect(knock(gate)).toBe('too_many_clients')
  quick[Symbol.dispose]()
  expect([knock(gate), fateOf(() => slow.seat('b', 9))]).toEqual(['in', 'in'])
})

test('the places of a tenant are its own', () => {
  const { gate } = open()
  const [first, second, third] = [arrive(gate), arrive(gate), arrive(gate)]
  expect([first, second, third].map((guest) => fateOf(() => guest!.seat('a', 2)))).toEqual(['in', 'in', 'too_many_for_tenant'])
  expect(fateOf(() => third!.seat('b', 2))).toBe('in')
  first![Symbol.dispose]()
  second!.refused(false)
  expect([fateOf(() => arrive(gate).seat('a', 2)), fateOf(() => arrive(gate).seat('a', 2))]).toEqual(['in', 'in'])
})

test('a list of networks, by what an address is and not by how it is spelled', () => {
  const { gate } = open({ allow: ['192.0.2.0/24', '2001:db8::/32'] })
  const fates = ['192.0.2.9', '::ffff:192.0.2.9', '2001:db8:1::1', '192.0.3.1', '2001:db9::1'].map((address) => knock(gate, address))
  expect(fates).toEqual(['in', 'in', 'in', 'address_not_allowed silent', 'address_not_allowed silent'])
  expect(knock(gate, '192.0.3.1')).toBe('address_not_allowed silent unrecorded')
})

test('whoever is exempt is not limited by address; the limits of all hold for it too', () => {
  const perAddress = {
    exempt: ['127.0.0.0/8'],
    connects: { count: 1, windowMs: 1000 },
    failures: { count: 1, windowMs: 1000, blockMs: 1000 },
  }
  const { gate } = open({ perAddress, limits: { unauthenticated: 3 } })
  arrive(gate, '127.0.0.1').refused(true)
  expect([knock(gate, '127.0.0.1'), knock(gate, '127.0.0.1')]).toEqual(['in', 'in'])
  arrive(gate, '127.0.0.1')
  arrive(gate, '127.0.0.1')
  expect(fateOf(() => arrive(gate, '127.0.0.1'))).toBe('too_many_strangers silent')
})

test('a flood from everywhere: memory stays within its bound, and few records tell of it', () => {
  const { gate, books } = open({ allow: ['10.0.0.0/8'] })
  const fates = Array.from({ length: 50_000 }, (_, at) => knock(gate, `203.0.${at >> 8}.${at & 255}`))
  expect(fates.filter((fate) => fate === 'address_not_allowed silent')).toHaveLength(20)
  expect(Math.max(books.connects.size, books.noted.size)).toBeLessThanOrEqual(100)
})

test('when all have left, nobody is counted', () => {
  const act = fc.record({
    address: fc.integer({ min: 1, max: 3 }),
    steps: fc.subarray(['welcome', 'handshake', 'refused', 'seat'] as const),
  })
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (visits, cap) => {
      const { gate, books } = open({
        limits: { clients: cap, unauthenticated: cap },
        perAddress: { unauthenticated: cap, handshakes: cap },
      })
      const undo: Disposable[] = []
      for (const { address, steps } of visits) {
        fateOf(() => {
          const guest = arrive(gate, `192.0.2.${address}`)
          undo.push(guest)
          for (const step of steps) {
            if (step === 'handshake') undo.push(guest.beginHandshake())
            else if (step === 'seat') void guest.seat(`tenant-${address}`, 2)
            else if (step === 'refused') guest.refused(address === 1)
            else guest.welcome()
          }
        })
        expect(books.clients.all).toBeLessThanOrEqual(cap)
        expect(books.strangers.all).toBeLessThanOrEqual(cap)
      }
      for (const one of [...undo, ...undo]) one[Symbol.dispose]()
      expect([books.clients.all, books.strangers.all, books.handshakes.all]).toEqual([0, 0, 0])
      expect([books.clients.size, books.strangers.size, books.handshakes.size]).toEqual([0, 0, 0])
    }),
  )
})

test('cancel requests are limited by network, and one beyond is worth a record', () => {
  const { gate, clock } = open()
  const ask = (address: string) => {
    const { allowed, recorded } = arrive(gate, address).askToCancel()
    return allowed ? 'allowed' : recorded ? 'recorded' : 'dropped'
  }
  const all = ['192.0.2.1', '192.0.2.200', '192.0.2.1', '192.0.2.9', '192.0.3.1', '2001:db8::1', '2001:db8::2', '2001:db8::3']
  expect(all.map(ask)).toEqual(['allowed', 'allowed', 'recorded', 'dropped', 'allowed', 'allowed', 'allowed', 'recorded'])
  clock.now += 1000
  expect(ask('192.0.2.1')).toBe('allowed')
})

test('what is counted has one label, out of the table of reasons', async () => {
  const { gate, registry } = open({ perAddress: { connects: { count: 1, windowMs: 1000 } } })
  for (let at = 0; at < 3; at++) knock(gate)
  expect(await registry.metrics()).toMatch(/orochi_gateway_limited_total\{reason="too_many_connects"\} 2\n/)
})
