/** Rows of several shards that a client fetches a few at a time: they are gathered once, and handed out as it asks. */
import { backendType, encodeBackend, Framer } from '../../wire/index.ts'
import { Refused } from '../refused.ts'
import type { Crew } from './crew.ts'

/** Rows of one portal are kept up to here. */
const mostBytes = 64 * 1024 * 1024

export interface Kept {
  readonly rows: Buffer[]
  /** How many have been handed out. */
  given: number
}

/** Runs it, and keeps the rows it would have given to the client; whatever else it says is passed on but the tag. */
export async function keepRows(crew: Crew, run: () => Promise<void>): Promise<Kept> {
  const framer = new Framer({ mode: 'typed', maxBytes: mostBytes })
  const rows: Buffer[] = []
  let bytes = 0
  const record = (said: Buffer): void => {
    bytes += said.length
    framer.push(said)
    for (let frame = framer.next(); frame; frame = framer.next()) {
      if (frame.type !== backendType.dataRow && frame.type !== backendType.commandComplete) crew.tell(frame.bytes)
      else if (frame.type === backendType.dataRow && bytes <= mostBytes) rows.push(Buffer.from(frame.bytes))
    }
    if (bytes > mostBytes) rows.length = 0
  }
  await crew.recorded(record, async () => {
    await run()
    if (bytes > mostBytes)
      throw new Refused('ERROR', '54000', `rows that are fetched a few at a time from several shards take more than ${mostBytes} bytes`)
  })
  return { rows, given: 0 }
}

/** Hands out the next rows; `limit` 0: all of them. */
export function handOut(crew: Crew, kept: Kept, limit: number): void {
  const until = limit === 0 ? kept.rows.length : Math.min(kept.rows.length, kept.given + limit)
  const count = until - kept.given
  for (; kept.given < until; kept.given++) crew.say(kept.rows[kept.given] ?? Buffer.alloc(0))
  if (limit > 0 && count === limit) crew.say(encodeBackend({ kind: 'portal-suspended' }))
  else crew.complete(`SELECT ${count}`)
}
