/** A TLS 1.2 ClientHello made by hand, for host names that no library would send. */

const u16 = (value: number) => Buffer.from([value >> 8, value & 0xff])
const block16 = (...parts: Buffer[]) => {
  const body = Buffer.concat(parts)
  return Buffer.concat([u16(body.length), body])
}
const extension = (type: number, body: Buffer) => Buffer.concat([u16(type), block16(body)])

/** The whole record. */
export function clientHello(host: Buffer): Buffer {
  const serverName = extension(0, block16(Buffer.from([0]), block16(host)))
  const groups = extension(10, block16(u16(0x001d), u16(0x0017)))
  const points = extension(11, Buffer.from([1, 0]))
  const signatures = extension(13, block16(u16(0x0403), u16(0x0804), u16(0x0401)))
  const body = Buffer.concat([
    u16(0x0303),
    Buffer.alloc(32, 7),
    Buffer.from([0]),
    block16(u16(0xc02b), u16(0xc02f)),
    Buffer.from([1, 0]),
    block16(serverName, groups, points, signatures),
  ])
  const message = Buffer.concat([Buffer.from([1, 0]), u16(body.length), body])
  return Buffer.concat([Buffer.from([0x16, 3, 1]), block16(message)])
}
