/** The header of the PROXY protocol, version 2, by which a proxy says for whom it connects. */
/** No start-up packet, and no TLS record, begins like this. */
export const proxySignature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')

/** Signature, version and command, family, length. */
const fixedBytes = 16
/** Addresses and everything a proxy may add: a checksum, a host name, the names of a client certificate. */
const maxRestBytes = 2048
const tlvHeadBytes = 3

const stream = 1
const families = {
  1: { bytes: 12, address: ipv4At },
  2: { bytes: 36, address: ipv6At },
} as const

/** `local`: the proxy speaks for itself, as for a check of health. */
export type ProxyHeader =
  | { readonly local: true; readonly bytes: number }
  | { readonly local: false; readonly bytes: number; readonly address: string; readonly port: number }

/** The message is for the log. */
export class ProxyFault extends Error {}

/** Null as long as more bytes are needed. Throws a ProxyFault as soon as it cannot become a header any more. */
export function readProxyHeader(received: Buffer): ProxyHeader | null {
  const compared = Math.min(received.length, proxySignature.length)
  if (!received.subarray(0, compared).equals(proxySignature.subarray(0, compared)))
    throw new ProxyFault('no header of the PROXY protocol, version 2')
  if (received.length < fixedBytes) return null
  const [kind, family, length] = [received.readUInt8(12), received.readUInt8(13), received.readUInt16BE(14)]
  if (kind >> 4 !== 2) throw new ProxyFault('another version of the PROXY protocol')
  if ((kind & 15) > 1) throw new ProxyFault('an unknown command')
  if (length > maxRestBytes) throw new ProxyFault(`a header of more than ${maxRestBytes} bytes`)
  const bytes = fixedBytes + length
  if (received.length < bytes) return null
  if ((kind & 15) === 0) return { local: true, bytes }
  return { local: false, bytes, ...readAddresses(family, received.subarray(fixedBytes, bytes)) }
}

function readAddresses(family: number, rest: Buffer): { readonly address: string; readonly port: number } {
  const layout = (family & 15) === stream ? families[(family >> 4) as 1 | 2] : undefined
  if (layout === undefined) throw new ProxyFault('a client that does not come over TCP')
  if (rest.length < layout.bytes) throw new ProxyFault('addresses that are cut short')
  checkExtras(rest.subarray(layout.bytes))
  return { address: layout.address(rest), port: rest.readUInt16BE(layout.bytes - 4) }
}

/** What a proxy adds is not used, but must be what it says. */
function checkExtras(rest: Buffer): void {
  for (let at = 0; at < rest.length;) {
    const end = rest.length - at < tlvHeadBytes ? Infinity : at + tlvHeadBytes + rest.readUInt16BE(at + 1)
    if (end > rest.length) throw new ProxyFault('an addition that is longer than the header')
    at = end
  }
}

function ipv4At(bytes: Buffer): string {
  return [...bytes.subarray(0, 4)].join('.')
}

function ipv6At(bytes: Buffer): string {
  return Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(2 * at).toString(16)).join(':')
}
