/** What an address is for limits: one spelling, the part of it that one subscriber has, and the network around it. */
import { isIPv4, isIPv6 } from 'node:net'

export interface Source {
  /** In its one spelling; an IPv4-mapped address is the IPv4 address in it. */
  readonly text: string
  readonly family: 'ipv4' | 'ipv6'
  /** One subscriber: an IPv4 address, or the /64 of an IPv6 address, within which whoever has it can choose at will. */
  readonly subscriber: string
  /** His neighbours too: /24 or /64. */
  readonly network: string
}

/** Null for what is no IP address. */
export function sourceOf(address: string): Source | null {
  const text = address.replace(/%.*$/s, '')
  if (isIPv4(text)) return ofIPv4(text)
  if (!isIPv6(text)) return null
  const groups = groupsOf(text)
  return isMapped(groups) ? ofIPv4(embedded(groups)) : ofIPv6(groups)
}

function ofIPv4(text: string): Source {
  return { text, family: 'ipv4', subscriber: text, network: `${text.slice(0, text.lastIndexOf('.'))}.0/24` }
}

function ofIPv6(groups: readonly number[]): Source {
  const subscriber = `${spell(groups.slice(0, 4))}::/64`
  return { text: spell(groups), family: 'ipv6', subscriber, network: subscriber }
}

/** Its eight numbers of 16 bits. */
export function groupsOf(text: string): number[] {
  const [head = '', tail] = withoutDots(text).split('::')
  const [before, after] = [numbersOf(head), numbersOf(tail ?? '')]
  const left = tail === undefined ? 0 : 8 - before.length - after.length
  return [...before, ...Array.from({ length: left }, () => 0), ...after]
}

function numbersOf(part: string): number[] {
  return part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
}

/** The last 32 bits may be written as an IPv4 address. */
function withoutDots(text: string): string {
  const dotted = /[\d.]+$/.exec(text)?.[0]
  if (dotted === undefined || !dotted.includes('.')) return text
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number)
  return `${text.slice(0, -dotted.length)}${spell([a * 256 + b, c * 256 + d])}`
}

function isMapped(groups: readonly number[]): boolean {
  return groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
}

function embedded(groups: readonly number[]): string {
  const [high = 0, low = 0] = groups.slice(6)
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

function spell(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(':')
}
