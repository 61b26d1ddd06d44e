import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clusterId } from '../api/cluster-schemas.ts'
import { nameOf } from './names.ts'

const ids = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/).filter((id) => clusterId.safeParse(id).success)

test('every cluster has names that Kubernetes takes, with room for what it hangs on them', () => {
  fc.assert(
    fc.property(ids, fc.constantFrom('postgres', 'pooler', 'pooler-users', 'postgres-setup'), (id, suffix) => {
      expect(nameOf(id, suffix)).toMatch(/^[a-z](?:[a-z0-9-]{0,50}[a-z0-9])$/)
    }),
  )
})

test('two clusters never share a name, however long and alike their ids are', () => {
  const tail = fc.stringMatching(/^[a-z0-9]{1,8}$/)
  fc.assert(
    fc.property(fc.integer({ min: 20, max: 55 }), tail, tail, (length, a, b) => {
      fc.pre(a !== b)
      expect(nameOf('x'.repeat(length) + a, 'postgres')).not.toBe(nameOf('x'.repeat(length) + b, 'postgres'))
    }),
  )
})

test('a shortened name is none that a short id could have', () => {
  const long = nameOf('x'.repeat(60), 'postgres')
  const asId = long.slice('oc-'.length, -'-postgres'.length)
  expect(nameOf(asId, 'postgres')).not.toBe('')
  expect(asId).toContain('--')
})
