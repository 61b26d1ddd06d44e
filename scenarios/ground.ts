/** The system under the load, past everything: whoever prepares data or reads the truth asks the servers themselves. */
import pg from 'pg'
import { serverName } from '../stack/components/postgres.ts'
import { withClient } from '../stack/components/set-up.ts'
import { HarnessError } from '../stack/harness-error.ts'
import { serverOf } from '../stack/layout.ts'
import { limitMs } from '../stack/limits.ts'
import type { Login, Stack } from '../stack/stack.ts'

export type Row = Readonly<Record<string, unknown>>

/** A server of a shard as it is now. */
export interface Standing {
  readonly server: string
  readonly shard: number
  readonly replica: number
  /** Null: it does not answer. */
  readonly role: 'primary' | 'replica' | null
  /** Of two that take writes, the one promoted last has the higher one. */
  readonly timeline: number
}

export interface Ground {
  readonly stack: Stack
  readonly shards: readonly number[]
  /** Runs SQL as superuser on the server that is the shard's primary now. */
  onShard<T extends Row = Row>(shard: number, sql: string, values?: readonly unknown[]): Promise<readonly T[]>
  /** Runs SQL through the pooler, as the role it pools. */
  throughPooler(statements: readonly (readonly [sql: string, values: readonly unknown[]])[]): Promise<void>
  /** Every server of a shard. */
  standing(shard: number): Promise<readonly Standing[]>
  serverAt(port: number): string
}

export function groundOf(stack: Stack): Ground {
  const shards = Array.from({ length: stack.topology.shards }, (_, shard) => shard)
  const ports = new Map(stack.parts('postgres').map((part) => [part.addresses['main']?.port, part.name]))
  const standing = (shard: number) =>
    Promise.all(Array.from({ length: stack.topology.replicas + 1 }, (_, replica) => standingOf(stack, shard, replica)))
  return {
    stack,
    shards,
    standing,
    serverAt: (port) => ports.get(port) ?? `port ${port}`,
    async onShard<T extends Row>(shard: number, sql: string, values: readonly unknown[] = []) {
      const { replica } = primaryOf(shard, await standing(shard))
      return ask<T>(stack.server(shard, replica), sql, values)
    },
    throughPooler: (statements) =>
      withClient(stack.pooler, async (client) => {
        for (const [sql, values] of statements) await client.query(sql, [...values])
      }),
  }
}

/** The primary of a shard; of several, the one promoted last. */
export function primaryOf(shard: number, standing: readonly Standing[]): Standing {
  const [first] = standing.filter(({ role }) => role === 'primary').toSorted((a, b) => b.timeline - a.timeline)
  if (first === undefined) throw new HarnessError('part-died', `shard ${shard} has no server that takes writes`)
  return first
}

const standingSql = `select pg_is_in_recovery() as standby,
  case when pg_is_in_recovery() then 0 else ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int end as timeline`
const standingLimitMs = 3_000

async function standingOf(stack: Stack, shard: number, replica: number): Promise<Standing> {
  const server = serverName(serverOf(shard, stack.topology), replica)
  try {
    if (!stack.part(server).alive()) return { server, shard, replica, role: null, timeline: 0 }
    const [row] = await ask<{ standby: boolean; timeline: number }>(stack.server(shard, replica), standingSql, [], standingLimitMs)
    return { server, shard, replica, role: row!.standby ? 'replica' : 'primary', timeline: row!.timeline }
  } catch {
    return { server, shard, replica, role: null, timeline: 0 }
  }
}

export async function ask<T extends Row>(login: Login, sql: string, values: readonly unknown[] = [], limit = limitMs('set-up-step')) {
  return withClient(login, async (client) => (await client.query<pg.QueryResultRow & T>(sql, [...values])).rows as readonly T[], limit)
}
