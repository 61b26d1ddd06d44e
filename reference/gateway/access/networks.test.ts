import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sourceOf } from './address.ts'
import { faultOfNetwork, networksOf } from './networks.ts'

const inside = (networks: readonly string[], address: string) => networksOf(networks).has(sourceOf(address)!)

test.each([
  [['192.0.2.0/24'], '192.0.2.255', true],
  [['192.0.2.0/24'], '192.0.3.0', false],
  [['192.0.2.0/24'], '::ffff:192.0.2.9', true],
  [['192.0.2.7'], '192.0.2.7', true],
  [['192.0.2.7'], '192.0.2.8', false],
  [['2001:db8::/32'], '2001:db8:ffff::1', true],
  [['2001:db8::/32'], '2001:db9::1', false],
  [['2001:db8::1'], '2001:db8:0:0::1', true],
  [['0.0.0.0/0'], '203.0.113.1', true],
  [['0.0.0.0/0'], '2001:db8::1', false],
  [['::/0'], '203.0.113.1', false],
  [['10.0.0.0/8', '::1'], '::1', true],
  [[], '10.0.0.1', false],
])('%j has %s: %s', (networks, address, expected) => {
  expect(inside(networks, address)).toBe(expected)
})

test.each([
  '',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  '10.0.0.0/x',
  '::/129',
  'localhost',
  '10.0.0',
  '::ffff:10.0.0.0/104',
  '10.0.0.0/0x8',
])('%j is no network', (text) => {
  expect(faultOfNetwork(text)).not.toBeNull()
})

test('an IPv4 network has exactly the addresses that agree in its first bits', () => {
  const address = fc.integer({ min: 0, max: 0xffff_ffff })
  const spell = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.')
  fc.assert(
    fc.property(address, fc.integer({ min: 0, max: 32 }), address, fc.boolean(), (base, prefix, other, near) => {
      const mask = prefix === 0 ? 0 : (0xffff_ffff << (32 - prefix)) >>> 0
      const asked = near ? ((base & mask) | (other & ~mask)) >>> 0 : other
      const network = `${spell(base)}/${prefix}`
      expect(faultOfNetwork(network)).toBeNull()
      expect(inside([network], spell(asked))).toBe((base & mask) >>> 0 === (asked & mask) >>> 0)
    }),
  )
})
