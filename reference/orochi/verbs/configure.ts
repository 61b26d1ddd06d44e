/** `orochi cluster pooler configure`: shows what changes, and changes it unless somebody else was faster. */
import type { Client } from '../client.ts'
import { Failure } from '../failure.ts'
import { poolerShape, settingsKeys, type Pooler, type PoolerSettings } from '../shapes.ts'
import { cellText, table, type Show } from '../show.ts'
import { printable } from '../terminal.ts'
import { poolerPath } from './pooler.ts'

export interface ConfigureFlags {
  readonly enabled?: 'on' | 'off'
  readonly mode?: string
  readonly maxConnections?: number
  readonly idleTimeoutSeconds?: number
  readonly readWriteSplit?: 'on' | 'off'
  readonly sharding?: 'on' | 'off'
  readonly defaultShardCount?: number
  readonly ifMatch?: string
  readonly dryRun?: true
}

export interface Change {
  readonly key: string
  readonly from: unknown
  readonly to: unknown
}

export async function configure(id: string, flags: ConfigureFlags, client: Client, show: Show): Promise<void> {
  const wanted = wantedBy(flags)
  if (Object.keys(wanted).length === 0)
    throw new Failure('usage', 'nothing to configure', 'name a setting: orochi cluster pooler configure --help')
  const { body, headers } = await client.ask(poolerPath(id), poolerShape)
  const changes = changesOf(body, wanted)
  const etag = flags.ifMatch ?? headers.get('etag')
  if (flags.dryRun === true || changes.length === 0)
    return tell({ id, changes, applied: false, etag: headers.get('etag'), after: body }, show)
  const request = { method: 'PATCH' as const, body: wanted, headers: etag === null ? {} : { 'if-match': etag } }
  const answer = await client.ask(poolerPath(id), poolerShape, request)
  tell({ id, changes, applied: true, etag: answer.headers.get('etag'), after: answer.body }, show)
}

/** Undefined fields vanish in JSON, but would count here. */
export function wantedBy(flags: ConfigureFlags): Partial<PoolerSettings> {
  const onOff = (word: 'on' | 'off' | undefined) => (word === undefined ? undefined : word === 'on')
  const all = {
    enabled: onOff(flags.enabled),
    mode: flags.mode,
    max_connections: flags.maxConnections,
    idle_timeout_seconds: flags.idleTimeoutSeconds,
    read_write_split: onOff(flags.readWriteSplit),
    sharding_enabled: onOff(flags.sharding),
    default_shard_count: flags.defaultShardCount,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

export function changesOf(before: Pooler, wanted: Partial<PoolerSettings>): Change[] {
  return settingsKeys
    .filter((key) => key in wanted && wanted[key] !== before[key])
    .map((key) => ({ key, from: before[key], to: wanted[key] }))
}

interface Outcome {
  readonly id: string
  readonly changes: readonly Change[]
  readonly applied: boolean
  readonly etag: string | null
  readonly after: Pooler
}

function tell({ id, changes, applied, etag, after }: Outcome, show: Show): void {
  const pending = pendingOf(after)
  show.print({ cluster_id: id, applied, changes, pending_restart: pending, etag }, () => {
    if (changes.length === 0) return `${printable(id)}: nothing to change`
    const rows = changes.map(({ key, from, to }) => [key, cellText(from), cellText(to)])
    const end = applied ? 'changed' : 'not changed: this was a dry run'
    return `${table(show.paint, ['SETTING', 'NOW', 'WANTED'], rows)}\n${printable(id)}: ${end}`
  })
  if (applied && pending.length > 0) show.note(`these take effect when the pooler starts anew: ${pending.map(printable).join(', ')}`)
}

/** Named by the control plane when a setting cannot be had by a reload. */
const pendingOf = (pooler: Pooler): readonly string[] => pooler.status?.pending_restart ?? []
