/** Reads from a host name where its client wants to go: `{cluster}.{branch}.<suffix>`, and nothing like it. */

/**
 * One label of a host name in small letters. Punycode (`xn--…`) is a label like any other: whoever names a branch in it means these very
 * letters, nothing is decoded or looked up by likeness.
 */
export const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

export interface Place {
  readonly cluster: string
  readonly branch: string
}

export interface HostTerms {
  readonly suffix: string | null
  readonly neutralHosts: readonly string[]
}

const maxHostLength = 253

/**
 * Null when the name says nothing about a place: there is none, host names are not read here, it is the address of a machine, or it is on the
 * list of neutral ones. 'foreign' for any other name that is not of the pattern. Case does not matter, nor does one dot at the end.
 */
export function readHost(name: string | null, { suffix, neutralHosts }: HostTerms): Place | 'foreign' | null {
  if (suffix === null || name === null || name === '') return null
  if (name.length > maxHostLength + 1) return 'foreign'
  const host = name.toLowerCase().replace(/\.$/, '')
  if (neutralHosts.includes(host) || isAddress(host)) return null
  return host.endsWith(`.${suffix}`) ? (readPlace(host.slice(0, -suffix.length - 1)) ?? 'foreign') : 'foreign'
}

/** `cluster.branch`, both in small letters; null for anything else. */
export function readPlace(text: string): Place | null {
  const [cluster = '', branch = '', ...more] = text.split('.')
  return more.length === 0 && label.test(cluster) && label.test(branch) ? { cluster, branch } : null
}

export function isSuffix(text: string): boolean {
  return (
    text.length <= maxHostLength &&
    text
      .toLowerCase()
      .split('.')
      .every((part) => label.test(part))
  )
}

/** Some clients put an address where only names belong. */
function isAddress(host: string): boolean {
  return host.includes(':') || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)
}
