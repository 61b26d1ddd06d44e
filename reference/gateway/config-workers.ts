/** How many processes serve the one port, and who spreads the clients over them. */
import { z } from 'zod'

export const workersSchema = z.strictObject({
  /** With 1 the process that was started serves itself. */
  count: z.int().min(1).max(64).default(1),
  /** `primary`: one process accepts and deals clients out in turn. `kernel`: each worker accepts for itself (SO_REUSEPORT), spread by chance. */
  balance: z.enum(['primary', 'kernel']).default('primary'),
})

export type Workers = z.infer<typeof workersSchema>
