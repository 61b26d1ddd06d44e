/** Which server is primary, and how another one becomes it: fence the old one, promote a replica, lead the others to it, take the old one back. */
import { HarnessError } from '../harness-error.ts'
import type { Address, Running } from '../launch.ts'
import { mainPort } from '../layout.ts'
import { limitMs } from '../limits.ts'
import type { OwnedLink } from '../links/open-link.ts'
import { awaitReady } from '../ready.ts'
import type { Login } from '../stack.ts'
import type { Topology } from '../topology.ts'
import { cloneFrom, markStandby } from './clone.ts'
import { replicationName, serverName, slotName, superuser } from './postgres.ts'
import { withClient } from './set-up.ts'

export interface Failover {
  /** The part that is the primary of a server now: `postgres-0` until another one is promoted. */
  primaryOf(server: number): Running
  /**
   * Makes a replica the primary of its server; the other replicas follow it. Refuses (`not-fenced`) while the old primary may still accept
   * writes, unless `unfenced` says that this is what is wanted.
   */
  promote(name: string, options?: { readonly unfenced?: boolean }): Promise<void>
  /** The living replica that has most of the log. */
  foremost(server: number): Promise<string>
  /** Kills a server, and marks its data so that it accepts no writes should it be started again. */
  fence(name: string): Promise<void>
  /** Starts a fenced or killed server as a replica of the primary there is, with that one's data; returns once it has caught up. */
  rejoin(name: string): Promise<void>
}

export interface FailoverParts {
  readonly topology: Topology
  readonly superuserPassword: string
  readonly replicationPassword: string
  readonly part: (name: string) => Running
  readonly links: readonly OwnedLink[]
}

interface Place {
  readonly server: number
  readonly replica: number
}

export function openFailover({ topology, superuserPassword, replicationPassword, part, links }: FailoverParts): Failover {
  const primaries = new Map<number, number>()
  const fenced = new Set<string>()
  const primaryIn = (server: number): number => primaries.get(server) ?? 0
  const login = (one: Running): Login => ({ ...mainPort(one), user: superuser, password: superuserPassword, database: 'postgres' })
  const ask = async <T extends object>(one: Running, sql: string, values: unknown[] = []): Promise<readonly T[]> =>
    withClient(login(one), async (client) => (await client.query<T & Record<string, unknown>>(sql, values)).rows)
  const followersOf = ({ server, replica }: Place) =>
    Array.from({ length: topology.replicas + 1 }, (_, i) => i).filter((i) => i !== replica && !fenced.has(serverName(server, i)))

  /** The other replicas come over the same path as before, which leads to the new primary from now on. */
  const lead = async (place: Place) => {
    const primary = part(serverName(place.server, place.replica))
    const followers = followersOf(place)
    for (const follower of followers) await follow(place.server, follower, primary)
    const most = Math.min(topology.postgres.synchronous, followers.length)
    if (topology.postgres.synchronous === 0) return
    await ask(primary, `alter system set synchronous_standby_names = '${standbyNames(most, followers)}'`)
    await ask(primary, 'select pg_reload_conf()')
  }
  const follow = async (server: number, follower: number, primary: Running): Promise<Address> => {
    await ask(primary, makeSlotSql, [slotName(follower)])
    const link = links.find(({ target }) => target === replicationName(server, follower))
    if (link === undefined) throw new HarnessError('not-wired', `there is no path from ${serverName(server, follower)} to a primary`)
    link.aim(mainPort(primary))
    await link.reset()
    return link.address
  }

  return {
    primaryOf: (server) => part(serverName(server, primaryIn(server))),
    async promote(name, { unfenced = false } = {}) {
      const place = placeOf(name)
      const old = serverName(place.server, primaryIn(place.server))
      if (old === name) return
      if (!unfenced && !fenced.has(old))
        throw new HarnessError('not-fenced', `${old} may still accept writes: fence it before ${name} is promoted`)
      const wait = limitMs('promotion')
      const [told] = await ask<{ done: boolean }>(part(name), 'select pg_promote(true, $1) as done', [Math.ceil(wait / 1000)])
      if (told?.done !== true) throw new HarnessError('time-out', `${name} is no primary ${wait} ms after it was promoted`)
      primaries.set(place.server, place.replica)
      await lead(place)
    },
    async foremost(server) {
      const living = Array.from({ length: topology.replicas + 1 }, (_, i) => part(serverName(server, i))).filter((one) => one.alive())
      const told = await Promise.all(
        living.map(async (one) => ({ name: one.name, at: (await ask<{ at: string | null }>(one, receivedSql))[0]?.at })),
      )
      const [first] = told.filter(({ at }) => typeof at === 'string').toSorted((a, b) => Number(BigInt(b.at!) - BigInt(a.at!)))
      if (first === undefined) throw new HarnessError('no-such-part', `server ${server} has no replica left to promote`)
      return first.name
    },
    async fence(name) {
      await part(name).kill?.('SIGKILL')
      markStandby(dataOf(part(name)), '')
      fenced.add(name)
    },
    async rejoin(name) {
      const { server, replica } = placeOf(name)
      const [one, primary] = [part(name), part(serverName(server, primaryIn(server)))]
      if (one === primary) throw new HarnessError('not-fenced', `${name} is the primary: it cannot follow itself`)
      await one.kill?.('SIGKILL')
      const path = await follow(server, replica, primary)
      await withClient(login(primary), (client) => cloneFrom(client, dataOf(primary), dataOf(one)))
      markStandby(dataOf(one), standbyText(path, replicationPassword, slotName(replica)))
      await one.restart?.()
      fenced.delete(name)
      await follows(one, primary)
    },
  }

  async function follows(one: Running, primary: Running): Promise<void> {
    const [goal] = await ask<{ lsn: string }>(primary, 'select pg_current_wal_lsn()::text as lsn')
    const probe = async () =>
      (await ask(one, 'select from pg_stat_wal_receiver where pg_last_wal_replay_lsn() >= $1::pg_lsn', [goal?.lsn])).length > 0
    const what = `${one.name} as a replica of ${primary.name}`
    await awaitReady({ what, limitMs: limitMs('replica-catches-up'), probe, hopeless: () => null }, new AbortController().signal)
  }
}

/** Names for synchronous_standby_names; empty if nobody is to be waited for. */
export const standbyNames = (most: number, replicas: readonly number[]): string =>
  most === 0 ? '' : `ANY ${most} (${replicas.map(slotName).join(', ')})`

/** Null for one that is no standby. */
const receivedSql = `select case when pg_is_in_recovery() then (greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) - '0/0')::text end as at`

const makeSlotSql = `select pg_create_physical_replication_slot($1, true) where not exists (select from pg_replication_slots where slot_name = $1)`

function placeOf(name: string): Place {
  const [, server, replica = '0'] = /^postgres-(\d+)(?:-replica-(\d+))?$/.exec(name) ?? []
  if (server === undefined) throw new HarnessError('no-such-part', `"${name}" is no Postgres server: postgres-0, postgres-0-replica-1`)
  return { server: Number(server), replica: Number(replica) }
}

const dataOf = (one: Running): string => `${one.dir}/data`

function standbyText({ host, port }: { readonly host: string; readonly port: number }, password: string, name: string): string {
  return `primary_conninfo = 'host=${host} port=${port} user=orochi_replica password=${password} application_name=${name}'\nprimary_slot_name = '${name}'\n`
}
