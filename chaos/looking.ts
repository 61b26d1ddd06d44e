/** How faults look at what they did: questions with deadlines, over links and past them, and waiting until an answer is as it should be. */
import { setTimeout as sleep } from 'node:timers/promises'
import { withClient } from '../stack/components/set-up.ts'
import { HarnessError } from '../stack/harness-error.ts'
import type { Running } from '../stack/launch.ts'
import { limitMs } from '../stack/limits.ts'
import type { Link, Login, Stack } from '../stack/stack.ts'

/** How long an answer took, ms; or why there was none. */
export type Answer = { readonly ms: number } | { readonly why: string }

/** Logs in and asks a question that any server and pooler answers. */
export async function ask(login: Login, patienceMs: number, question = 'select 1'): Promise<Answer> {
  const start = performance.now()
  try {
    await withClient(login, (client) => client.query(question), patienceMs)
    return { ms: Math.round(performance.now() - start) }
  } catch (error) {
    return { why: (error as Error).message || String((error as NodeJS.ErrnoException).code) }
  }
}

/** Sends so many bytes over a link, and has as many sent back. */
export async function carry(stack: Stack, link: Link, bytes: number, patienceMs = limitMs('fault-bites')): Promise<Answer> {
  return ask(loginOver(stack, link), patienceMs, `select '${'x'.repeat(bytes)}'`)
}

/** Rows of a question to a part, as its superuser. */
export async function rowsOf<T extends object>(login: Login, sql: string, values: unknown[] = []): Promise<readonly T[]> {
  return withClient(login, async (client) => (await client.query<T & Record<string, unknown>>(sql, values)).rows)
}

/** Looks again and again until there is something to say; throws after the limit. */
export async function until(what: string, look: () => Promise<string | null>, limit = limitMs('fault-heals')): Promise<string> {
  for (const end = Date.now() + limit; ; await sleep(25)) {
    const seen = await look()
    if (seen !== null) return seen
    if (Date.now() > end) throw new HarnessError('time-out', `${what}: not so after ${limit} ms`)
  }
}

/** Which server of the topology a part is: `postgres-1-replica-2` is server 1, replica 2. */
export function placeOf(target: string): { readonly server: number; readonly replica: number } {
  const [, server, replica = '0'] = /^postgres-(\d+)(?:-replica-(\d+))?$/.exec(target) ?? []
  if (server === undefined) throw new HarnessError('no-such-part', `this fault is for a Postgres server, such as postgres-0: not ${target}`)
  return { server: Number(server), replica: Number(replica) }
}

/** Past all links. Shards lie on servers in turn, so that a server's number is that of one of its shards. */
export function loginTo(stack: Stack, target: string): Login {
  const { server, replica } = placeOf(target)
  return stack.server(server, replica)
}

/** A part of the kind that the fault is for, with the verbs that it needs. */
export function partFor(stack: Stack, target: string, kind: Running['kind'], verbs: readonly (keyof Running)[]): Running {
  const part = stack.part(target)
  if (part.kind !== kind) throw new HarnessError('no-such-part', `${target} is a ${part.kind}: this fault is for a ${kind}`)
  for (const verb of verbs)
    if (part[verb] === undefined) throw new HarnessError('capability-absent', `${target} cannot be told to ${String(verb)} where it runs`)
  return part
}

/** Who answers at the far end of a link. */
export function loginOver(stack: Stack, link: Link): Login {
  const { target, address } = link
  return { ...(target.startsWith('pooler-') ? stack.pooler : loginTo(stack, target)), ...address }
}

/** A question over the link; for the path of a replica to its primary: how long news takes. */
export async function crossing(stack: Stack, link: Link, patienceMs: number): Promise<Answer> {
  const [, server, replica] = /^replication-(\d+)-(\d+)$/.exec(link.target) ?? []
  if (server === undefined) return ask(loginOver(stack, link), patienceMs)
  return news(stack, Number(server), Number(replica), patienceMs)
}

/** Writes to the log of a primary, and waits until the replica has it. */
async function news(stack: Stack, server: number, replica: number, patienceMs: number): Promise<Answer> {
  const primary = stack.can('promotion').here ? stack.failover.primaryOf(server).name : `postgres-${server}`
  const start = performance.now()
  const [told] = await rowsOf<{ lsn: string }>(
    loginTo(stack, primary),
    `select pg_logical_emit_message(false, 'orochi', 'news', true)::text as lsn`,
  )
  const arrived = 'select from pg_stat_wal_receiver where flushed_lsn >= $1::pg_lsn'
  try {
    await until(
      'news',
      async () => ((await rowsOf(stack.server(server, replica), arrived, [told?.lsn])).length > 0 ? '' : null),
      patienceMs,
    )
    return { ms: Math.round(performance.now() - start) }
  } catch {
    return { why: `no news after ${patienceMs} ms` }
  }
}

/** Waits until the far end of a link answers as it should. */
export async function crossable(stack: Stack, link: Link): Promise<string> {
  return until(`an answer over ${link.target}`, async () => {
    const answer = await crossing(stack, link, limitMs('fault-bites'))
    return 'ms' in answer ? `${link.target} is crossed in ${answer.ms} ms` : null
  })
}

/** Waits until a part answers for itself. */
export async function answers(what: string, login: Login): Promise<string> {
  return until(`an answer of ${what}`, async () => {
    const answer = await ask(login, limitMs('fault-bites'))
    return 'ms' in answer ? `${what} answers in ${answer.ms} ms` : null
  })
}
