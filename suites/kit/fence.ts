/** The fence after each entry: no client of it is left anywhere, no transaction is open or prepared, no lock is held. */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Stack } from '../../stack/stack.ts'

const settleMs = 5_000

/** What is left behind once it had time to go, in words; empty means clean. */
export async function findLeftovers(stack: Stack): Promise<readonly string[]> {
  const deadline = Date.now() + settleMs
  for (;;) {
    const found = await look(stack)
    if (found.length === 0 || Date.now() > deadline) return found
    await sleep(100)
  }
}

async function look(stack: Stack): Promise<string[]> {
  const found = stack.topology.gateway !== null && stack.topology.links === 'recorded' ? openSessions(stack) : []
  for (let shard = 0; shard < stack.topology.shards; shard++) found.push(...(await lookAtShard(stack, shard)))
  return found
}

function openSessions(stack: Stack): string[] {
  return stack
    .links()
    .filter((link) => link.target.startsWith('pooler-') && link.open > 0)
    .map((link) => `${link.open} connection(s) to ${link.target} still open`)
}

/** Sessions other than ours that hold something, each as one sentence. */
const leftoverSql = `
  select format('session %s of %s is %s', pid, usename, state) as what from pg_stat_activity
   where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend' and state <> 'idle'
  union all select format('prepared transaction %s', gid) from pg_prepared_xacts where database = current_database()
  union all select format('advisory lock of session %s', pid) from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid()
  union all select format('temporary schema %s in use', nspname) from pg_namespace n
   where nspname like 'pg_temp_%' and exists (select from pg_class c where c.relnamespace = n.oid)`

async function lookAtShard(stack: Stack, shard: number): Promise<string[]> {
  const client = new pg.Client({ ...stack.server(shard), connectionTimeoutMillis: settleMs })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ what: string }>(leftoverSql)
    return rows.map((row) => `shard ${shard}: ${row.what}`)
  } catch (error) {
    return [`shard ${shard} cannot be looked at: ${(error as Error).message}`]
  } finally {
    await client.end().catch(() => {})
  }
}
