import fc from 'fast-check'
import { expect, test } from 'vitest'
import { proxyHeader } from '../testing/proxy.ts'
import { ProxyFault, proxySignature, readProxyHeader } from './proxy-header.ts'

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255])
const raw = (kind: number, family: number, rest: Buffer): Buffer =>
  Buffer.concat([proxySignature, Buffer.from([kind, family]), u16(rest.length), rest])

function faultOf(bytes: Buffer): string {
  try {
    return readProxyHeader(bytes) === null ? 'more' : 'a header'
  } catch (cause) {
    if (!(cause instanceof ProxyFault)) throw cause
    return cause.message
  }
}

test.each([
  ['198.51.100.7', '198.51.100.7'],
  ['2001:db8::7', '2001:db8:0:0:0:0:0:7'],
  ['::ffff:198.51.100.7', '0:0:0:0:0:ffff:c633:6407'],
])('whom it speaks for: %s', (address, text) => {
  const header = proxyHeader(address, 40_000)
  expect(readProxyHeader(header)).toMatchObject({ local: false, bytes: header.length, address: text, port: 40_000 })
})

test('split at every byte it is the same, and what comes behind is not its own', () => {
  const header = proxyHeader('198.51.100.7', 40_000, Buffer.from('040003000102', 'hex'))
  for (let at = 0; at < header.length; at++) expect(readProxyHeader(header.subarray(0, at))).toBeNull()
  expect(readProxyHeader(Buffer.concat([header, Buffer.from('behind')]))).toMatchObject({ bytes: header.length })
})

test('a proxy may speak for itself, whatever addresses it gives', () => {
  expect(readProxyHeader(raw(0x20, 0, Buffer.alloc(0)))).toEqual({ local: true, bytes: 16 })
  expect(readProxyHeader(raw(0x20, 0x11, Buffer.alloc(12)))).toEqual({ local: true, bytes: 28 })
})

test.each([
  ['version 1', Buffer.from('PROXY TCP4 198.51.100.7 198.51.100.8 1 2\r\n'), 'no header of the PROXY protocol, version 2'],
  ['a start-up packet', Buffer.from('0000000804d2162f', 'hex'), 'no header of the PROXY protocol, version 2'],
  ['a TLS record', Buffer.from('160301', 'hex'), 'no header of the PROXY protocol, version 2'],
  ['another version', raw(0x11, 0x11, Buffer.alloc(12)), 'another version of the PROXY protocol'],
  ['another command', raw(0x22, 0x11, Buffer.alloc(12)), 'an unknown command'],
  ['no family', raw(0x21, 0x00, Buffer.alloc(12)), 'a client that does not come over TCP'],
  ['UDP', raw(0x21, 0x12, Buffer.alloc(12)), 'a client that does not come over TCP'],
  ['a Unix socket', raw(0x21, 0x31, Buffer.alloc(216)), 'a client that does not come over TCP'],
  ['half an address', raw(0x21, 0x11, Buffer.alloc(11)), 'addresses that are cut short'],
  ['an IPv4 length for IPv6', raw(0x21, 0x21, Buffer.alloc(12)), 'addresses that are cut short'],
  ['an addition without a length', raw(0x21, 0x11, Buffer.alloc(14)), 'an addition that is longer than the header'],
  ['an addition too long', proxyHeader('198.51.100.7', 1, Buffer.from('0400ff00', 'hex')), 'an addition that is longer than the header'],
])('%s is refused', (_what, bytes, fault) => {
  expect(faultOf(bytes)).toBe(fault)
})

test('a length beyond all reason is refused before its bytes are waited for', () => {
  expect(faultOf(Buffer.concat([proxySignature, Buffer.from([0x21, 0x11, 0xff, 0xff])]))).toMatch(/more than 2048/)
  expect(faultOf(proxyHeader('198.51.100.7', 1, Buffer.concat([Buffer.from('04', 'hex'), u16(2033), Buffer.alloc(2033)])))).toBe('a header')
  expect(faultOf(proxyHeader('198.51.100.7', 1, Buffer.concat([Buffer.from('04', 'hex'), u16(2034), Buffer.alloc(2034)])))).toMatch(
    /more than/,
  )
})

test('whatever comes, it is a header, a fault, or more is needed', () => {
  const bytes = fc.uint8Array({ maxLength: 80 }).map((array) => Buffer.from(array))
  fc.assert(
    fc.property(bytes, fc.boolean(), (tail, signed) => {
      const received = signed ? Buffer.concat([proxySignature, tail]) : tail
      const fate = faultOf(received)
      if (fate === 'a header') expect(readProxyHeader(received)!.bytes).toBeLessThanOrEqual(received.length)
    }),
  )
})
