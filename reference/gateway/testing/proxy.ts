/** What a proxy sends ahead for a client. */
import { isIPv4 } from 'node:net'
import { groupsOf } from '../access/address.ts'
import { proxySignature } from '../access/proxy-header.ts'

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255])

export function proxyHeader(address: string, port: number, extras = Buffer.alloc(0)): Buffer {
  const four = isIPv4(address)
  const source = four ? Buffer.from(address.split('.').map(Number)) : Buffer.concat(groupsOf(address).map(u16))
  const rest = Buffer.concat([source, Buffer.alloc(source.length), u16(port), u16(5433), extras])
  return Buffer.concat([proxySignature, Buffer.from([0x21, four ? 0x11 : 0x21]), u16(rest.length), rest])
}
