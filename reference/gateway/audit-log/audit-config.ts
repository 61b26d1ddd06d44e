/** What can be configured of the audit log. */
import { z } from 'zod'

export const audit = z.strictObject({
  /** Where the chain is kept; left out, it is in the log alone, and begins anew with each start. */
  file: z.string().min(1).optional(),
  /** When it is brought to the disk: with each record, before anybody hears of it; every second; or when the system likes. */
  sync: z.enum(['always', 'everySecond', 'never']).default('everySecond'),
  /** What a login comes to that cannot be written down, as on a full disk. */
  onFailure: z.enum(['refuse', 'continue']).default('refuse'),
})

export type AuditConfig = z.infer<typeof audit>
