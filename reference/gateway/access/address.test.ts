import fc from 'fast-check'
import { SocketAddress } from 'node:net'
import { expect, test } from 'vitest'
import { groupsOf, sourceOf } from './address.ts'

test.each([
  ['192.0.2.7', '192.0.2.7', '192.0.2.7', '192.0.2.0/24'],
  ['::ffff:192.0.2.7', '192.0.2.7', '192.0.2.7', '192.0.2.0/24'],
  ['::FFFF:c000:207', '192.0.2.7', '192.0.2.7', '192.0.2.0/24'],
  ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7', '192.0.2.7', '192.0.2.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::9', '2001:db8:1:2:0:0:0:9', '2001:db8:1:2::/64', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0:0:0:0:1', 'fe80:0:0:0::/64', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0:0:0:0:1', '0:0:0:0::/64', '0:0:0:0::/64'],
  ['64:ff9b::192.0.2.7', '64:ff9b:0:0:0:0:c000:207', '64:ff9b:0:0::/64', '64:ff9b:0:0::/64'],
])('%s', (address, text, subscriber, network) => {
  expect(sourceOf(address)).toMatchObject({ text, subscriber, network })
})

test.each(['', 'gone', '1.2.3', '1.2.3.4.5', '256.1.1.1', ':::', '1::2::3', '/run/socket'])('%j is no address', (text) => {
  expect(sourceOf(text)).toBeNull()
})

const groups = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })

test('whatever the spelling, the address is one', () => {
  fc.assert(
    fc.property(groups, (numbers) => {
      const full = numbers.map((number) => number.toString(16)).join(':')
      const short = new SocketAddress({ address: full, family: 'ipv6' }).address
      expect(groupsOf(short)).toEqual(numbers)
      expect(sourceOf(short)).toEqual(sourceOf(full.toUpperCase()))
    }),
  )
})

test('IPv6 addresses are one subscriber exactly when their first 64 bits agree', () => {
  fc.assert(
    fc.property(groups, groups, fc.boolean(), (one, other, near) => {
      const second = near ? [...one.slice(0, 4), ...other.slice(4)] : other
      const [a, b] = [one, second].map((numbers) => sourceOf(numbers.map((number) => number.toString(16)).join(':'))!)
      fc.pre(a!.family === 'ipv6' && b!.family === 'ipv6')
      expect(a!.subscriber === b!.subscriber).toBe(one.slice(0, 4).join() === second.slice(0, 4).join())
    }),
  )
})
