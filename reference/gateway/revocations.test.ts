import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeRevocations, readRevocations, subjects, type Bearer, type Revocation } from './revocations.ts'

function listAt(maxEntries = 100) {
  const clock = { ms: 1_000_000 }
  const terms = { maxEntries, keepMs: 60_000, now: () => clock.ms }
  return { clock, list: makeRevocations(() => terms) }
}

const bearer = (claims: Readonly<Record<string, unknown>> = {}, issuer = 'https://a'): Bearer => ({
  claims: new Map(Object.entries({ jti: 'j1', sub: 's1', tenant_id: 't1', iat: 500, ...claims })),
  issuer,
  keyId: 'k1',
})
const revoke = (subject: Revocation['subject'], value: string, more: Partial<Revocation> = {}): Revocation => ({ subject, value, ...more })

test.each([revoke('jti', 'j1'), revoke('sub', 's1'), revoke('tenant', 't1'), revoke('kid', 'k1')])(
  '$subject is matched by its value only',
  (revocation) => {
    const { list } = listAt()
    list.push([{ ...revocation, value: 'another' }])
    expect(list.match(bearer())).toBeNull()
    list.push([revocation])
    expect(list.match(bearer())).toEqual(revocation)
  },
)

test('an issuer and an instant narrow it down; a token that hides its age is not young', () => {
  const { list } = listAt()
  list.push([revoke('sub', 's1', { issuer: 'https://a', before: 499 })])
  expect(list.match(bearer())).toBeNull()
  expect(list.match(bearer({ iat: 499 }))).not.toBeNull()
  expect(list.match(bearer({ iat: undefined }))).not.toBeNull()
  expect(list.match(bearer({ iat: 499 }, 'https://b'))).toBeNull()
})

test('an entry lives as long as a token can, that of a key for good', () => {
  const { list, clock } = listAt()
  list.push([revoke('jti', 'j1'), revoke('kid', 'k2')])
  clock.ms += 59_999
  list.prune()
  expect([list.size, list.match(bearer())?.value]).toEqual([2, 'j1'])
  clock.ms += 1
  list.prune()
  expect([list.size, list.match(bearer())]).toEqual([1, null])
})

test('said again it lives on, and is no second entry', () => {
  const { list, clock } = listAt()
  list.push([revoke('jti', 'j1')])
  clock.ms += 50_000
  list.push([revoke('jti', 'j1')])
  clock.ms += 50_000
  list.prune()
  expect(list.size).toBe(1)
})

test('there is room for so many and none is driven out; what died makes room', () => {
  const { list, clock } = listAt(2)
  expect(list.push([revoke('jti', 'a'), revoke('jti', 'b')])).toBe(true)
  expect([list.push([revoke('jti', 'c')]), list.size]).toEqual([false, 2])
  expect(list.replacePulled([revoke('jti', 'c')])).toBe(false)
  clock.ms += 60_000
  expect([list.push([revoke('jti', 'c')]), list.size]).toEqual([true, 1])
})

test('a list that was pulled takes the place of the one before, and of nothing that was pushed', () => {
  const { list } = listAt()
  list.push([revoke('jti', 'pushed')])
  list.replacePulled([revoke('sub', 's1')])
  expect(list.match(bearer())?.subject).toBe('sub')
  list.replacePulled([])
  expect([list.match(bearer()), list.match(bearer({ jti: 'pushed' }))?.value, list.size]).toEqual([null, 'pushed', 1])
})

test('a list is read whole or not at all', () => {
  expect(readRevocations('{"revocations":[{"jti":"a"},{"sub":"b","issuer":"c","before":7}]}')).toEqual([
    { subject: 'jti', value: 'a' },
    { subject: 'sub', value: 'b', issuer: 'c', before: 7 },
  ])
  for (const entry of ['{}', '{"jti":"a","sub":"b"}', '{"jti":""}', '{"jti":7}', '{"jti":"a","more":1}', '{"sub":"a","before":-1}', '7'])
    expect(readRevocations(`{"revocations":[{"jti":"a"},${entry}]}`), entry).toBeNull()
})

test('whatever is pushed, the bound holds and the count is right', () => {
  const one = fc.record({ subject: fc.constantFrom(...subjects), value: fc.constantFrom('a', 'b', 'c', '__proto__') })
  fc.assert(
    fc.property(fc.array(fc.array(one, { maxLength: 4 }), { maxLength: 8 }), (pushes) => {
      const { list } = listAt(6)
      const kept = new Set<string>()
      for (const pushed of pushes) if (list.push(pushed)) for (const { subject, value } of pushed) kept.add(`${subject} ${value}`)
      expect(list.size).toBe(kept.size)
      expect(list.size).toBeLessThanOrEqual(6)
    }),
  )
})
