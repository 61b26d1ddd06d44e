/** Runs clusters by commands of this machine: for the embedded servers, and for whoever has scripts. */
import {
  ProvisionerError,
  type Observation,
  type PoolerObservation,
  type Provisioner,
  type ReloadOutcome,
  type WantedCluster,
  type Warmth,
} from '../provisioner.ts'
import { poolSizeOf } from '../settings.ts'
import type { ExecCluster, ExecCommand, ExecConfig } from './exec-config.ts'
import { ask, listens } from './probe.ts'
import { runCommand } from './run-command.ts'

type CommandName = keyof ExecCluster['commands']
type Pooler = ExecCluster['poolers'][number]

/** Transactions of other people. */
const openTransactions = `select count(*)::int from pg_stat_activity
  where backend_type = 'client backend' and xact_start is not null and pid <> pg_backend_pid()`

export function makeExecProvisioner({ clusters, environment, probeTimeoutMs }: ExecConfig): Provisioner {
  /** Poolers that have passed a query on since they were started: asking on would look like work to whoever looks for idle clusters. */
  const proven = new Set<string>()
  const key = (id: string, name: string) => `${id}/${name}`

  function setUpOf(id: string): ExecCluster {
    const found = (Object.hasOwn(clusters, id) ? clusters[id] : undefined) ?? clusters['default']
    if (found === undefined) throw new ProvisionerError(`driver.clusters has neither ${id} nor default`, { retryable: false })
    return filledIn(found, { cluster: id })
  }

  async function run(
    name: CommandName,
    id: string,
    wanted: WantedCluster | null,
    signal: AbortSignal,
    more: Record<string, string> = {},
  ): Promise<void> {
    const command: ExecCommand | undefined = setUpOf(id).commands[name]
    if (command === undefined) return
    const words = { cluster: id, generation: String(wanted?.generation ?? 0), ...more }
    const input = wanted === null ? JSON.stringify({ id }) : JSON.stringify({ ...wanted, pool_size: poolSizeOf(wanted.spec) })
    const told = Object.fromEntries(Object.entries(words).map(([word, value]) => [`OROCHI_${word.toUpperCase()}`, value]))
    const base = Object.fromEntries(
      ['PATH', 'HOME'].flatMap((each) => (process.env[each] === undefined ? [] : [[each, process.env[each]!]])),
    )
    const argv = command.argv.map((word) => fill(word, words))
    await runCommand({ what: name, argv, timeoutMs: command.timeoutMs, environment: { ...base, ...environment, ...told }, input, signal })
  }

  function forget(id: string): void {
    for (const each of proven) if (each.startsWith(`${id}/`)) proven.delete(each)
  }

  async function lookAt(id: string, pooler: Pooler, signal: AbortSignal): Promise<PoolerObservation> {
    const { name, url } = pooler
    const seen = key(id, name)
    if (proven.has(seen) && (await listens(url, probeTimeoutMs))) return { name, ready: true, message: '', generation: null }
    const { value, message } = await ask<number>(url, 'select 1', probeTimeoutMs, signal)
    if (value === null) proven.delete(seen)
    else proven.add(seen)
    return { name, ready: value !== null, message, generation: null }
  }

  return {
    kind: 'exec',
    apply: (wanted, signal) => run('apply', wanted.id, wanted, signal),
    async remove(id, signal) {
      forget(id)
      await run('stop', id, null, signal, { warmth: 'cold' })
      await run('remove', id, null, signal)
    },
    async resume(wanted, warmth, signal) {
      forget(wanted.id)
      await run('start', wanted.id, wanted, signal, { warmth })
    },
    async suspend(wanted, warmth: Warmth, signal) {
      forget(wanted.id)
      await run('stop', wanted.id, wanted, signal, { warmth })
    },
    observe: (wanted, signal) => observe(setUpOf(wanted.id), (pooler) => lookAt(wanted.id, pooler, signal), probeTimeoutMs, signal),
    async reload(wanted, signal) {
      const { poolers, commands } = setUpOf(wanted.id)
      return await Promise.all(
        poolers.map((pooler) =>
          commands.reload === undefined
            ? sayReload(pooler, probeTimeoutMs, signal)
            : outcomeOf(pooler.name, run('reload', wanted.id, wanted, signal, { instance: pooler.name })),
        ),
      )
    },
    async endpoints({ id }) {
      const { poolers, gateways } = setUpOf(id)
      return [
        ...poolers.map(({ name, metrics = null, admin = null }) => ({ part: 'pooler' as const, name, metrics, admin })),
        ...gateways.map(({ name, metrics }) => ({ part: 'gateway' as const, name, metrics, admin: null })),
      ]
    },
  }
}

async function observe(
  setUp: ExecCluster,
  lookAt: (pooler: Pooler) => Promise<PoolerObservation>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Observation> {
  const servers = await Promise.all(setUp.servers.map((url) => ask<number>(url, openTransactions, timeoutMs, signal)))
  if (signal.aborted) throw new ProvisionerError('observe: was called off', { retryable: true })
  const deaf = servers.filter(({ value }) => value === null)
  const ready = deaf.length === 0
  const postgres = {
    ready,
    message: deaf[0]?.message ?? '',
    openTransactions: ready ? servers.reduce((sum, { value }) => sum + (value ?? 0), 0) : null,
  }
  // Through a pooler whose servers sleep nothing comes back: it is not asked, lest it count that as failures.
  const poolers = ready ? await Promise.all(setUp.poolers.map(lookAt)) : setUp.poolers.map(waiting)
  if (ready) return { state: 'running', postgres, poolers }
  return { state: servers.every(({ absent }) => absent) ? 'stopped' : 'starting', postgres, poolers }
}

function waiting({ name }: Pooler): PoolerObservation {
  return { name, ready: false, message: 'waits for Postgres', generation: null }
}

/** The admin database takes simple queries only, which this is. */
async function sayReload({ name, admin }: Pooler, timeoutMs: number, signal: AbortSignal): Promise<ReloadOutcome> {
  if (admin === undefined) return { instance: name, reloaded: false, message: 'there is neither a reload command nor an admin database' }
  const { message } = await ask(admin, 'RELOAD', timeoutMs, signal)
  return { instance: name, reloaded: message === '', message }
}

async function outcomeOf(instance: string, running: Promise<void>): Promise<ReloadOutcome> {
  try {
    await running
    return { instance, reloaded: true, message: '' }
  } catch (cause) {
    if (!(cause instanceof ProvisionerError)) throw cause
    return { instance, reloaded: false, message: cause.message }
  }
}

function fill(text: string, words: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{([a-z]+)\}/g, (whole, word: string) => words[word] ?? whole)
}

/** Addresses may hold the name, too. */
function filledIn(setUp: ExecCluster, words: Readonly<Record<string, string>>): ExecCluster {
  const { poolers, gateways, servers } = setUp
  return {
    ...setUp,
    servers: servers.map((url) => fill(url, words)),
    poolers: poolers.map(({ name, url, metrics, admin }) => ({
      name: fill(name, words),
      url: fill(url, words),
      ...(metrics === undefined ? {} : { metrics: fill(metrics, words) }),
      ...(admin === undefined ? {} : { admin: fill(admin, words) }),
    })),
    gateways: gateways.map(({ name, metrics }) => ({ name, metrics: fill(metrics, words) })),
  }
}
