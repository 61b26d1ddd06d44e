/** `pgdog-config`: PgDog's two files for a topology, or what is wrong with a file that somebody wrote. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pgdogToml, usersToml } from '../../stack/components/pgdog.ts'
import { fillTemplate, judgeToml, type Objection } from '../../stack/components/pgdog-template.ts'
import type { PoolerPlan, ShardServer } from '../../stack/components/pooler.ts'
import { clientDatabase } from '../../stack/layout.ts'
import { defaultTopology } from '../../stack/wish.ts'
import { readTopology } from '../topology-option.ts'
import { UsageError } from '../usage.ts'

export interface PgdogConfigOptions {
  readonly topology?: string
  readonly shard?: readonly string[]
  readonly replica?: readonly string[]
  readonly database: string
  readonly user: string
  readonly out?: string
  readonly check?: string
  readonly set?: readonly string[]
}

/** Passwords are left for the operator to fill in: a file that is passed around holds none. */
const toFill = (what: string) => `<${what}>`

export async function pgdogConfig(options: PgdogConfigOptions): Promise<number> {
  if (options.check !== undefined) return checkFile(options.check, options.set ?? [])
  const plan = planOf(options)
  const port = plan.wish.settings['port'] ?? 6432
  const filled = (text: string) =>
    text
      .replaceAll('{port:main}', String(port))
      .replaceAll('{port:metrics}', '9090')
      .replaceAll('{host}', '0.0.0.0')
      .replaceAll('{dir}', '/var/lib/pgdog')
  const files = { 'pgdog.toml': filled(pgdogToml(plan)), 'users.toml': usersToml(plan) }
  if (options.out === undefined) for (const [name, text] of Object.entries(files)) console.log(`# ${name}\n${text}`)
  else writeFiles(options.out, files)
  return 0
}

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 })
  console.log(`${join(folder, 'pgdog.toml')} and users.toml are written; fill in ${toFill('password')} and ${toFill('admin password')}`)
}

function planOf({ topology, shard = [], replica = [], database, user }: PgdogConfigOptions): PoolerPlan {
  const wish = readTopology(topology)
  const given = shard.length > 0 ? { shards: shard.length } : {}
  const { pooler, sharding, split, shards, replicas } = defaultTopology({ pooler: { kind: 'pgdog' }, gateway: null }, wish, given)
  if (pooler === null || pooler.kind !== 'pgdog') throw new UsageError('pgdog-config: the topology must have pooler.kind=pgdog')
  if (shard.length > 0 && wish.shards !== undefined && wish.shards !== shard.length)
    throw new UsageError(`pgdog-config: the topology has ${wish.shards} shards and --shard was given ${shard.length} times`)
  const servers = Array.from({ length: shards }, (_, number) => [
    addressOf(shard[number] ?? `postgres-${number}`, 'primary', number),
    ...replicasOf(replica, number, replicas),
  ])
  return {
    instance: 0,
    wish: pooler,
    database,
    shards: servers,
    branches: {},
    sharding,
    split,
    user,
    password: toFill('password'),
    adminPassword: toFill('admin password'),
    ca: '',
    program: null,
    further: [],
  }
}

/** Those that were named for the shard; without any, as many as the topology has, each by its own name. */
function replicasOf(named: readonly string[], shard: number, count: number): readonly ShardServer[] {
  const own = named.flatMap((text) => {
    const [, number, address] = /^(\d+)=(.+)$/.exec(text) ?? []
    if (number === undefined || address === undefined)
      throw new UsageError(`pgdog-config: --replica "${text}" is no replica: write it like 0=host:5432/database`)
    return Number(number) === shard ? [addressOf(address, 'replica', shard)] : []
  })
  if (named.length > 0) return own
  return Array.from({ length: count }, (_, index) => addressOf(`postgres-${shard}-replica-${index + 1}`, 'replica', shard))
}

/** `host[:port][/database]`; an IPv6 address stands in brackets. */
function addressOf(text: string, role: ShardServer['role'], shard: number): ShardServer {
  const found = /^(\[[0-9a-fA-F:.]+\]|[^:/[\]]+)(?::(\d{1,5}))?(?:\/(.+))?$/.exec(text)
  if (found === null) throw new UsageError(`pgdog-config: "${text}" is no address: write it like host:5432/database`)
  const [, host = '', port = '5432', database = `${clientDatabase}_${shard}`] = found
  return { role, host: host.replaceAll(/[[\]]/g, ''), port: Number(port), database }
}

function checkFile(path: string, set: readonly string[]): number {
  const objections = judgeToml(fillTemplate(readText(path), valuesOf(set)))
  for (const objection of objections) console.log(`${path}:${objection.line ?? '?'}: ${sentence(objection)}`)
  console.log(objections.length === 0 ? `${path}: PgDog knows every key` : `${objections.length} keys that PgDog does not have`)
  return objections.length === 0 ? 0 : 1
}

function sentence({ key, real, why }: Objection): string {
  return `${key}: ${why}, ${real === null ? 'and nothing in its place: take it out' : `in its place: ${real}`}`
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`pgdog-config: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}

function valuesOf(set: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    set.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new UsageError(`pgdog-config: --set "${pair}" is no setting: write it like ClusterName=orochi`)
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}
