/** What can be configured of cancel requests. */
import { z } from 'zod'

export const cancel = z.strictObject({
  /** By which long keys are sealed; left out, it is derived from the claims key. Gateways with the same one serve each other's keys. */
  key: z
    .base64()
    .refine((key) => Buffer.from(key, 'base64').length >= 32, 'a cancel key has at least 32 bytes, in base64 (openssl rand -base64 32)')
    .optional(),
  /** Also where TLS is required: libpq before 17 sends them in the clear whatever it is told. */
  inTheClear: z.boolean().default(true),
  /** Requests from a /24 or /64 in a window; those beyond are not looked at. */
  perNetwork: z
    .strictObject({ count: z.int().min(1).max(1_000_000), windowMs: z.int().min(100).max(86_400_000) })
    .default({ count: 300, windowMs: 60_000 }),
})
