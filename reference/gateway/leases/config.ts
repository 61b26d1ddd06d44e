/** How the configuration names the store in which several gateways count the connections of each tenant together. */
import { parseIntoClientConfig } from 'pg-connection-string'
import { z } from 'zod'
import type { Objection } from '../config.ts'
import { isLoopback } from '../loopback.ts'

const text = z.string().min(1)

const tls = z.strictObject({
  /** Authority that signed the store's certificate (PEM). */
  ca: text,
  /** The name its certificate must be for; left out: the host of the URL. */
  serverName: text.optional(),
})

export const leaseStoreSchema = z.strictObject({
  /** A PostgreSQL database: `postgres://user@host:port/database`. */
  url: text,
  /** Rather than in the URL. */
  passwordFile: text.optional(),
  /** `off` is for a store on this machine, or for a network that nobody else is on. */
  tls: z.union([z.literal('off'), tls], { error: "is either 'off' or what to verify: ca, serverName" }).optional(),
  /** So long after a gateway was last heard of, its places are free. */
  leaseSeconds: z.int().min(2).max(3600).default(15),
  /** For an answer of the store; what a login waits for it at most. */
  timeoutMs: z.int().min(50).max(60_000).default(1000),
  /** Logins while the store does not answer: refused, or let in up to the tenant's limit at this gateway alone. */
  whenAway: z.enum(['refuse', 'local']),
  /** Logins that wait for an answer, at most. */
  waiting: z.int().min(1).max(1_000_000).default(10_000),
})

export type LeaseStoreConfig = z.infer<typeof leaseStoreSchema>

/** What is well formed and still must not run. */
export function unsafeLeases({ leaseStore }: { readonly leaseStore?: LeaseStoreConfig | undefined }): Objection[] {
  if (leaseStore === undefined) return []
  const object = (key: string, message: string) => [{ path: ['leaseStore', key], message }]
  const at = addressOf(leaseStore.url)
  if (at === null) return object('url', 'is no URL of a PostgreSQL database: postgres://user@host:port/database')
  if (at.hasOptions) return object('url', 'takes no parameters behind a question mark: TLS is said by `tls`, the rest is fixed')
  if (at.hasPassword && leaseStore.passwordFile !== undefined)
    return object('passwordFile', 'there is a password in the URL already: leave one of them out')
  if (leaseStore.tls === undefined && !isLoopback(at.host) && !at.host.startsWith('/'))
    return object('tls', 'must be given for a store on another machine: what to verify (ca), or off')
  return leaseStore.timeoutMs * 2 > leaseStore.leaseSeconds * 1000
    ? object('leaseSeconds', 'must be at least twice timeoutMs: a slow answer would end the lease')
    : []
}

function addressOf(url: string): { readonly host: string; readonly hasPassword: boolean; readonly hasOptions: boolean } | null {
  if (!/^postgres(?:ql)?:\/\/[^?#]+/.test(url)) return null
  try {
    const { host, password, database } = parseIntoClientConfig(url)
    return host && database ? { host, hasPassword: Boolean(password), hasOptions: url.includes('?') } : null
  } catch {
    return null
  }
}
