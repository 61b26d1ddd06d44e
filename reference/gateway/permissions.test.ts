import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arePermissions, permissionClaims, permissionsOf } from './permissions.ts'

const of = (claims: Record<string, unknown>) => permissionsOf(new Map(Object.entries(claims)), permissionClaims)

test('words and lists are joined, each once', () => {
  expect(of({ scope: 'write  read', permissions: ['read', 'a b'] })).toEqual(['a b', 'read', 'write'])
  expect(of({ scope: ['read'] })).toEqual(['read'])
})

test('only a token that says nothing is not restricted', () => {
  expect(of({})).toBeUndefined()
  expect(of({ scope: '' })).toEqual([])
  expect(of({ permissions: [] })).toEqual([])
  expect(permissionsOf(new Map([['scope', 'openid']]), ['permissions'])).toBeUndefined()
})

test('whatever else stands there is no list of permissions, and never ends in none', () => {
  for (const value of [null, 1, true, {}, ['a', 1], [['a']]]) {
    expect(arePermissions(value)).toBe(false)
    expect(of({ scope: value })).toBeInstanceOf(Array)
  }
  fc.assert(fc.property(fc.jsonValue(), (value) => of({ permissions: value }) !== undefined))
})
