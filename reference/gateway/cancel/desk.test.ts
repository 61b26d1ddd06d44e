import fc from 'fast-check'
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import type { CancelRoute } from './cancel-route.ts'
import { openDesk } from './desk.ts'
import { deriveSealingKey, seal, unseal } from './sealed-key.ts'

const route: CancelRoute = {
  pooler: '127.0.0.1:6432',
  processId: 77,
  secret: Buffer.from('01020304', 'hex'),
  tenant: 'tenant-a',
  session: '0123456789abcdef',
}
const sealing = deriveSealingKey(Buffer.alloc(32, 7))
const open = (number = 0, size = 1, now = () => 0) => openDesk({ number, size, now })

test('a short key is of 63 random bits, never 0 nor negative, and leads to its session until that is over', () => {
  const desk = open()
  const keys = Array.from({ length: 200 }, (_, at) => desk.issue({ ...route, processId: at }, null))
  for (const [at, { processId, secret }] of keys.entries()) {
    expect(secret).toHaveLength(4)
    expect(processId).toBeGreaterThan(0)
    expect(processId).toBeLessThan(2 ** 31)
    expect(desk.find({ processId, secret }, sealing)).toMatchObject({ kind: 'known', route: { processId: at } })
  }
  expect(new Set(keys.map(({ secret }) => secret.toString('hex'))).size).toBeGreaterThan(190)
  for (const key of keys) key[Symbol.dispose]()
  expect(desk.size).toBe(0)
  for (const key of keys) expect(desk.find(key, sealing)).toBeNull()
})

test('no part of a key is good without the other, and nothing of it is the pooler’s', () => {
  const desk = open()
  const [one, other] = [desk.issue(route, null), desk.issue(route, null)]
  expect(desk.find({ processId: one.processId, secret: other.secret }, sealing)).toBeNull()
  expect(desk.find({ processId: one.processId + 256, secret: one.secret }, sealing)).toBeNull()
  expect(desk.find({ processId: one.processId, secret: one.secret.subarray(0, 3) }, sealing)).toBeNull()
  expect(desk.find({ processId: one.processId, secret: Buffer.concat([one.secret, one.secret]) }, sealing)).toBeNull()
  expect(desk.find({ processId: route.processId, secret: route.secret }, sealing)).toBeNull()
})

test('a long key leads to its session from any gateway with the same sealing key, and hides what it says', () => {
  const [desk, second] = [open(), open()]
  const key = desk.issue(route, sealing)
  expect(key.secret.length).toBeGreaterThan(28)
  expect(key.secret.length).toBeLessThanOrEqual(256)
  expect(second.find(key, sealing)).toMatchObject({ kind: 'known', route })
  expect(second.find(key, deriveSealingKey(Buffer.alloc(32, 8)))).toBeNull()
  for (const hidden of [route.tenant, route.pooler, route.secret]) expect(key.secret.includes(hidden)).toBe(false)
})

test('a long key is dead where it was given out once the session is over, and elsewhere after a week', () => {
  let now = 0
  const [desk, second] = [open(0, 1, () => now), open(0, 1, () => now)]
  const key = desk.issue(route, sealing)
  key[Symbol.dispose]()
  expect(desk.find(key, sealing)).toBeNull()
  now = 7 * 86_400_000 - 1
  expect(second.find(key, sealing)).toMatchObject({ kind: 'known' })
  now++
  expect(second.find(key, sealing)).toBeNull()
})

test('a tenant with a name too long for a sealed key has a random one, good here only', () => {
  const desk = open()
  const long = { ...route, tenant: 'x'.repeat(300) }
  const key = desk.issue(long, sealing)
  expect(key.secret).toHaveLength(32)
  expect(desk.find(key, sealing)).toMatchObject({ kind: 'known', route: long })
  expect(open().find(key, sealing)).toBeNull()
})

test('a key of another process on the port names it', () => {
  const [first, second] = [open(0, 3), open(2, 3)]
  const key = second.issue(route, null)
  expect(first.find(key, sealing)).toEqual({ kind: 'elsewhere', number: 2 })
  expect(second.find({ ...key, secret: Buffer.alloc(4) }, sealing)).toBeNull()
  expect(first.find({ processId: 7, secret: key.secret }, sealing)).toBeNull()
})

test('whatever is changed in a sealed key, or the process id beside it, it is nothing', () => {
  const sealed = seal({ ...route, by: 'a', until: 1 }, 5, sealing)!
  fc.assert(
    fc.property(fc.nat({ max: sealed.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const altered = Buffer.from(sealed)
      altered[at]! ^= change
      expect(unseal(altered, 5, sealing)).toBeNull()
    }),
  )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => unseal(Buffer.from(bytes), 5, sealing) === null))
  for (let length = 0; length < sealed.length; length++) expect(unseal(sealed.subarray(0, length), 5, sealing)).toBeNull()
  expect(unseal(sealed, 6, sealing)).toBeNull()
  expect(unseal(sealed, 5, sealing)).toMatchObject(route)
})

test('ten thousand guesses find nothing', () => {
  const desk = open()
  const key = desk.issue(route, null)
  for (let guess = 0; guess < 10_000; guess++) {
    const secret = randomBytes(4)
    if (!secret.equals(key.secret)) expect(desk.find({ processId: key.processId, secret }, sealing)).toBeNull()
  }
})
