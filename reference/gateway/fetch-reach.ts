/** Which addresses documents may be fetched from: by the URL that was configured, and again by what its name resolves to at that moment. */
import { lookup as lookUp, type LookupAddress, type LookupOptions } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** How far fetching may reach. Link-local addresses, those of metadata services and the like are out of reach for all. */
export interface Reach {
  /** To this machine and no further; else to other machines and never to this one. */
  readonly loopback: boolean
  /** To the networks of private addresses, too. */
  readonly privateNetwork: boolean
}

const never = listOf([
  '0.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Metadata services outside of the link-local range.
  '100.100.100.200/32',
  '168.63.129.16/32',
  'fd00:ec2::/32',
  '::/128',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
  // Ways to write an IPv4 address that nobody needs.
  '2001::/32',
  '2002::/16',
])
const loopback = listOf(['127.0.0.0/8', '::1/128'])
const privateNetworks = listOf(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '198.18.0.0/15', 'fc00::/7'])

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits = ''] = network.split('/')
    list.addSubnet(address, Number(bits), familyOf(address))
  }
  return list
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4'
}

/** Whether this address may be connected to. */
export function reaches(address: string, reach: Reach): boolean {
  const plain = embedded(address)
  const within = (list: BlockList) => list.check(plain, familyOf(plain))
  if (isIP(plain) === 0 || within(never)) return false
  if (reach.loopback || within(loopback)) return reach.loopback && within(loopback)
  return reach.privateNetwork || !within(privateNetworks)
}

/** The IPv4 address inside a mapped or a translated (NAT64) one. */
function embedded(address: string): string {
  const host = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  if (isIP(host) !== 6) return host
  const [, high, low] =
    /^(?:::ffff|64:ff9b:):([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(new URL(`http://[${host}]`).hostname.slice(1, -1)) ?? []
  if (high === undefined || low === undefined) return host
  const bits = Number.parseInt(high, 16) * 65_536 + Number.parseInt(low, 16)
  return [24, 16, 8, 0].map((shift) => Math.floor(bits / 2 ** shift) % 256).join('.')
}

const localNames: ReadonlySet<string> = new Set(['localhost', '[::1]'])

/** A URL that says itself that it is about this machine. */
export function isLocal({ hostname }: URL): boolean {
  return localNames.has(hostname) || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}

/** What is wrong with a URL in the configuration; null when nothing is. */
export function urlFault(text: string, privateNetwork: boolean): string | null {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) return 'an https URL is wanted'
  if (url.username !== '' || url.password !== '') return 'a URL with a name or password in it would show them in logs: leave them out'
  if (url.protocol === 'http:' && !isLocal(url))
    return 'over http anybody on the way could put his own in its place: use https (http is for 127.0.0.1)'
  const isAddress = isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0
  if (!isAddress || reaches(url.hostname, { loopback: isLocal(url), privateNetwork })) return null
  return reaches(url.hostname, { loopback: false, privateNetwork: true })
    ? 'this is an address of a private network: set privateNetwork: true if it is meant'
    : 'this address is out of reach: it is link-local or belongs to a metadata service'
}

type Resolve = (
  name: string,
  options: LookupOptions & { all: true },
  callback: (cause: Error | null, found: LookupAddress[]) => void,
) => void

/** Looks a name up for a connection, and gives only what is within reach: a name may point elsewhere now than a moment ago. */
export function lookupWithin(reach: Reach, resolve: Resolve = lookUp): LookupFunction {
  return (name, options, callback) => {
    resolve(name, { ...options, all: true }, (cause, found) => {
      const allowed = cause === null ? found.filter(({ address }) => reaches(address, reach)) : []
      const [first] = allowed
      if (first === undefined) return callback(cause ?? Object.assign(new Error('out of reach'), { code: 'OUT_OF_REACH' }), '', 0)
      if (options.all === true) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
  }
}
