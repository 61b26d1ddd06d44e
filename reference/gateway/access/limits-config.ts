/** What can be configured of limits and lists, and what each is when nothing is said. */
import { z } from 'zod'
import { faultOfNetwork } from './networks.ts'

const spanMs = z.int().min(100).max(86_400_000)
const count = z.int().min(1).max(10_000_000)

export const network = z.string().superRefine((text, context) => {
  const fault = faultOfNetwork(text)
  if (fault !== null) context.addIssue({ code: 'custom', message: fault })
})

const perAddress = z.strictObject({
  /** Connections begun in a window. Those beyond are told so; beyond twice as many they are dropped without a word. */
  connects: z.strictObject({ count, windowMs: spanMs }).default({ count: 600, windowMs: 60_000 }),
  /** Refused tokens in a window that shut an address out for `blockMs`. */
  failures: z.strictObject({ count, windowMs: spanMs, blockMs: spanMs }).default({ count: 20, windowMs: 60_000, blockMs: 300_000 }),
  /** TLS handshakes at once. */
  handshakes: count.default(32),
  /** Connections at once that are not logged in. */
  unauthenticated: count.default(100),
  /** Not limited by address: by default a proxy on this machine, behind which everybody has one address. */
  exempt: z.array(network).default(['127.0.0.0/8', '::1']),
})

/** Keys of `limits`. */
export const gateLimits = {
  /** Logged in, at once. */
  clients: count.default(10_000),
  /** Not logged in yet, at once; those beyond are dropped without a word. */
  unauthenticated: count.default(1000),
  perAddress: perAddress.prefault({}),
  /** In each table; those not seen for longest are forgotten. */
  rememberedAddresses: z.int().min(100).max(10_000_000).default(65_536),
  perTenant: z.strictObject({ connections: count.default(1000) }).prefault({}),
}

export type GateLimits = z.infer<z.ZodObject<typeof gateLimits>>

/** Keys at the top. */
export const accessSections = {
  access: z
    .strictObject({
      /** Networks that may knock; left out: any. */
      allow: z.array(network).min(1, 'nobody could knock: name a network, or leave the list out').optional(),
      /** Proxies that must say, by the PROXY protocol in version 2, for whom they connect. Nobody else may. */
      proxies: z.array(network).default([]),
    })
    .prefault({}),
  /** By the claim `tenant_id`. */
  tenants: z
    .record(
      z.string().min(1),
      z.strictObject({
        connections: count.optional(),
        allow: z.array(network).min(1, 'this tenant could not log in: name a network, or leave the list out').optional(),
      }),
    )
    .default({}),
}
