/** Waits until a pool has let its idle connections go. */
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { Undecided } from '../../perf/measure.ts'

const deadlineMs = 15_000

/** A pooler that keeps what it has leaves nothing to grow: then it cannot be told how fast it would. */
export async function shrunken(admin: pg.Client, user: string, atMost: number, signal: AbortSignal): Promise<void> {
  for (const end = Date.now() + deadlineMs; ; await sleep(50, undefined, { signal })) {
    const { rows } = await admin.query<{ open: number }>('select count(*)::int as open from pg_stat_activity where usename = $1', [user])
    if (rows[0]!.open <= atMost) return
    if (Date.now() > end)
      throw new Undecided('inconclusive', `the pool still has ${rows[0]!.open} connections open ${deadlineMs} ms after they were idle`)
  }
}
