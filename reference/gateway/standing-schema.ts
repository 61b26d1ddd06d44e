/** How the configuration names what ends a token before its time, and what becomes of sessions then. */
import { z } from 'zod'
import { expiryPolicies } from './live-sessions.ts'

export const sessions = z.strictObject({
  /** When a session's token ends, its leeway included. */
  atExpiry: z.enum(expiryPolicies).default('end'),
  graceSeconds: z.int().min(0).max(3600).default(0),
})

const pull = z.strictObject({
  /** One of the two. */
  url: z.string().min(1).optional(),
  file: z.string().min(1).optional(),
  /** For the URL: sent as bearer token. */
  secretFile: z.string().min(1).optional(),
  ca: z.string().min(1).optional(),
  privateNetwork: z.boolean().default(false),
  intervalSeconds: z.int().min(1).max(3600).default(30),
  maxStaleSeconds: z.int().min(1).max(86_400).default(300),
  /** What becomes of logins when the list is older: refused, or let in all the same. The gateway is not ready in either case. */
  whenStale: z.enum(['open', 'closed']),
  maxBytes: z.int().min(1024).max(67_108_864).default(4_194_304),
  connectTimeoutMs: z.int().min(100).max(60_000).default(2000),
  timeoutMs: z.int().min(100).max(60_000).default(5000),
})

export const revocation = z.strictObject({
  pull: pull.optional(),
  /** POST /revocations on the operations port, with the secret in this file as bearer token: nobody else may end sessions, not even from here. */
  push: z.strictObject({ secretFile: z.string().min(1) }).optional(),
  maxEntries: z.int().min(1).max(10_000_000).default(100_000),
})

export const singleUse = z.strictObject({
  /** How many used tokens are remembered; each until it ends. */
  entries: z.int().min(1).max(10_000_000).default(100_000),
})
