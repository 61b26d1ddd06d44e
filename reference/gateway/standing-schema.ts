/** How the configuration names what ends a token before its time, and what becomes of sessions then. */
import { z } from 'zod'
import { expiryPolicies } from './live-sessions.ts'

export const sessions = z.strictObject({
  /** When a session's token ends, its leeway included. */
  atExpiry: z.enum(expiryPolicies).default('end'),
  graceSeconds: z.int().min(0).max(3600).default(0),
})

export const revocation = z.strictObject({
  /** POST /revocations on the operations port, with the secret in this file as bearer token: nobody else may end sessions, not even from here. */
  push: z.strictObject({ secretFile: z.string().min(1) }).optional(),
  maxEntries: z.int().min(1).max(10_000_000).default(100_000),
})

export const singleUse = z.strictObject({
  /** How many used tokens are remembered; each until it ends. */
  entries: z.int().min(1).max(10_000_000).default(100_000),
})
