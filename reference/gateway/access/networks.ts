/** Lists of networks in CIDR notation, and whether an address lies in one of them. */
import { BlockList, isIP, isIPv4 } from 'node:net'
import { sourceOf, type Source } from './address.ts'

export interface Networks {
  has(source: Source): boolean
}

/** An address alone is a network of one. */
export function networksOf(texts: readonly string[]): Networks {
  // A list each: in one, ::/0 would have all of IPv4 in it.
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const text of texts) {
    const [address, prefix] = split(text)
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    lists[family].addSubnet(address, prefix, family)
  }
  return { has: ({ text, family }) => lists[family].check(text, family) }
}

/** What is wrong with the text as a network, or null. */
export function faultOfNetwork(text: string): string | null {
  const [address, prefix] = split(text)
  if (isIP(address) === 0 || sourceOf(address) === null) return 'is no IP address or network (192.0.2.0/24, 2001:db8::/32)'
  const bits = isIPv4(address) ? 32 : 128
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > bits || !/^[^/]*(?:\/\d{1,3})?$/.test(text))
    return `has a prefix that is no number from 0 to ${bits}`
  return isMappedNetwork(address) ? 'is an IPv4-mapped network: write the IPv4 network itself, which covers mapped addresses too' : null
}

function split(text: string): [string, number] {
  const [address = '', prefix] = text.split('/')
  return [address, prefix === undefined ? (isIPv4(address) ? 32 : 128) : Number(prefix)]
}

function isMappedNetwork(address: string): boolean {
  return !isIPv4(address) && sourceOf(address)?.family === 'ipv4'
}
