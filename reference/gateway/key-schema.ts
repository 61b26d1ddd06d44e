/** How the configuration names an issuer and where its keys come from. */
import { z } from 'zod'
import { algorithms } from './algorithms.ts'

const text = z.string().min(1)

export const jwks = z.strictObject({
  url: text,
  /** PEM of the authorities that vouch for the URL, in place of the usual ones. */
  ca: text.optional(),
  /** The URL may lead to an address of a private network. */
  privateNetwork: z.boolean().default(false),
  refreshSeconds: z.int().min(1).max(86_400).default(300),
  /** From one fetch to the next, whatever came of the first, and however many tokens name keys that are not there. */
  cooldownSeconds: z.int().min(1).max(3600).default(30),
  /** So long keys are used that could not be fetched anew. */
  maxStaleSeconds: z.int().min(1).max(604_800).default(14_400),
  maxBytes: z.int().min(1024).max(1_048_576).default(65_536),
  maxKeys: z.int().min(1).max(1000).default(50),
  connectTimeoutMs: z.int().min(100).max(60_000).default(2000),
  timeoutMs: z.int().min(100).max(60_000).default(5000),
})

export const issuer = z.strictObject({
  issuer: text,
  audience: text,
  /** What its keys may be for; left out: any. */
  algorithms: z.array(z.enum(algorithms)).min(1).optional(),
  keys: z.array(z.strictObject({ id: text, algorithm: z.enum(algorithms), publicKey: text })).default([]),
  jwks: jwks.optional(),
  /** HS256: whoever can check a token can make one. Each file holds 32 bytes or more in base64. */
  sharedSecrets: z.array(z.strictObject({ id: text, file: text })).default([]),
})
