/** How clusters that sleep are woken, as it is configured. */
import { z } from 'zod'
import { isLoopback } from '../loopback.ts'

const text = z.string().min(1)

export const wakeSchema = z.strictObject({
  /** Where the control plane answers: `https://…`, or `http://…` on this machine. */
  controlPlane: z.url({ protocol: /^https?$/ }),
  /** Its authority (PEM); left out: those that the system knows. */
  ca: text.optional(),
  /** Holds the bearer token that the control plane wants. */
  tokenFile: text.optional(),
  /** For all of a client's waiting. */
  deadlineMs: z.int().min(1000).max(600_000).default(60_000),
  /** How often the state of a cluster that wakes is asked for, unless the control plane says when (Retry-After). */
  pollMs: z.int().min(20).max(60_000).default(500),
  /** How often a waiting client is told what it waits for; 0: never. */
  noticeMs: z.int().min(0).max(60_000).default(3000),
  queue: z
    .strictObject({
      /** Clients that may wait at once, and how many of them may be of one tenant. */
      total: z.int().min(1).max(100_000).default(1000),
      perTenant: z.int().min(1).max(100_000).default(100),
      /** How many of them may log in at once when the cluster is awake; tenants take turns. */
      concurrent: z.int().min(1).max(10_000).default(32),
    })
    .prefault({}),
})

export type WakeConfig = z.infer<typeof wakeSchema>

interface Objection {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

export function unsafeWake({ wake }: { readonly wake?: WakeConfig | undefined }): Objection[] {
  if (wake === undefined) return []
  const { protocol, hostname, username, search } = new URL(wake.controlPlane)
  const path = ['wake', 'controlPlane']
  const found: Objection[] = []
  if (protocol === 'http:' && !isLoopback(hostname.replaceAll(/[[\]]/g, ''))) {
    found.push({ path, message: 'the token for it would travel in the clear: use https' })
  }
  if (username !== '' || search !== '')
    found.push({ path, message: 'is a plain base, without user and query: put its token into tokenFile' })
  return found
}

/** The same, with each file's path changed. */
export function withWakePaths<C extends { readonly wake?: WakeConfig | undefined }>(config: C, change: (path: string) => string): C {
  const { wake } = config
  if (wake === undefined) return config
  const files = Object.fromEntries(
    (['ca', 'tokenFile'] as const).flatMap((key) => (wake[key] === undefined ? [] : [[key, change(wake[key])]])),
  )
  return { ...config, wake: { ...wake, ...files } }
}
