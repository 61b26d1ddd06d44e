import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSuffix, readHost, readPlace } from './host-name.ts'

const terms = { suffix: 'db.example.org', neutralHosts: ['localhost', 'gateway.internal'] }
const read = (name: string | null) => readHost(name, terms)

test.each([
  ['acme.main.db.example.org', { cluster: 'acme', branch: 'main' }],
  ['ACME.Feature-X.DB.example.ORG', { cluster: 'acme', branch: 'feature-x' }],
  ['acme.main.db.example.org.', { cluster: 'acme', branch: 'main' }],
  ['a.b.db.example.org', { cluster: 'a', branch: 'b' }],
  ['xn--bcher-kva.main.db.example.org', { cluster: 'xn--bcher-kva', branch: 'main' }],
  [`${'c'.repeat(63)}.main.db.example.org`, { cluster: 'c'.repeat(63), branch: 'main' }],
])('%s names a place', (name, place) => {
  expect(read(name)).toEqual(place)
})

test.each([
  'db.example.org',
  '.db.example.org',
  'acme.db.example.org',
  'x.acme.main.db.example.org',
  'acme..db.example.org',
  '.main.db.example.org',
  'acme.main.db.example.org..',
  'acme.mainxdb.example.org',
  'acme-main.db.example.org',
  'acme.mainXdb-example-org',
  'acme.main.db.example.org.evil.test',
  'acme.main.db.example.com',
  'acme.main.xdb.example.org',
  '-acme.main.db.example.org',
  'acme-.main.db.example.org',
  'ac_me.main.db.example.org',
  'ac me.main.db.example.org',
  'bücher.main.db.example.org',
  'acme.main\0.db.example.org',
  'acme.main.db.example.org\n',
  '*.main.db.example.org',
  `${'c'.repeat(64)}.main.db.example.org`,
  `${'c'.repeat(255)}`,
  'gateway.internal.evil.test',
  'acme.main.db.example.org:5432x',
])('%j is a foreign name', (name) => {
  expect(read(name)).toBe(name.includes(':') ? null : 'foreign')
})

test.each([null, '', '127.0.0.1', '10.0.0.1', '::1', 'fe80::1%eth0', 'localhost', 'LOCALHOST.', 'gateway.internal'])(
  '%j says nothing',
  (name) => {
    expect(read(name)).toBeNull()
  },
)

test('without a suffix no host name says anything', () => {
  expect(readHost('acme.main.db.example.org', { suffix: null, neutralHosts: [] })).toBeNull()
})

test('whatever the name: a place only by exactly two labels before the suffix', () => {
  const part = fc.stringMatching(/^[a-z0-9.*_-]{0,12}$/)
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), fc.boolean(), (parts, ours) => {
      const name = [...parts, ours ? 'db.example.org' : 'example.org'].join('.')
      const found = read(name)
      if (found === null || found === 'foreign') return
      expect(name.toLowerCase().replace(/\.$/, '')).toBe(`${found.cluster}.${found.branch}.db.example.org`)
      expect(`${found.cluster}${found.branch}`).toMatch(/^[a-z0-9-]+$/)
    }),
  )
})

test('hints are of the same two labels', () => {
  expect(readPlace('acme.main')).toEqual({ cluster: 'acme', branch: 'main' })
  for (const text of ['', 'acme', 'acme.', '.main', 'a.b.c', 'Acme.main', 'acme/main', 'acme.main ']) expect(readPlace(text)).toBeNull()
})

test('a suffix is a host name', () => {
  for (const text of ['db.example.org', 'org', 'DB.Example.org']) expect(isSuffix(text)).toBe(true)
  for (const text of ['', '.org', 'org.', 'a..b', '*.org', 'a_b.org', 'x'.repeat(300)]) expect(isSuffix(text)).toBe(false)
})
