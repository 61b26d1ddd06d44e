/**
 * Plays a scenario: health fence → load → faults in time → heal → health fence → save the history. What it means is judged by checks, from the
 * history alone (judge.ts), now or at any later time.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { randomFrom } from '../fixtures/random.ts'
import { HarnessError } from '../stack/harness-error.ts'
import { limitMs } from '../stack/limits.ts'
import type { Stack } from '../stack/stack.ts'
import type { Place } from './client/client.ts'
import { driverOf } from './client/driver.ts'
import { startCrowd, type Crowd } from './crowd.ts'
import { faultsInTime } from './faults-in-time.ts'
import { groundOf, type Ground } from './ground.ts'
import { awaitHealth } from './health.ts'
import { readHistory } from './history/read.ts'
import type { History, Json } from './history/record.ts'
import { openHistory, type HistoryBook } from './history/write.ts'
import { loadNamed, type Load, type PreparedLoad } from './load.ts'
import { minter, placesFor, type Mint } from './places.ts'
import { sampleOnce, startSampling } from './sampling.ts'
import { checkNames } from './judge.ts'
import type { Scenario } from './scenario.ts'

export interface RunOptions {
  readonly seed: string
  /** Where the history goes. */
  readonly file: string
  readonly signal: AbortSignal
  /** In place of the stack's own issuer: whoever watches tokens. */
  readonly mint?: Mint
}

/** The history, complete on disk when this resolves; throws when the harness itself failed, and then every fault is healed too. */
export async function run(scenario: Scenario, stack: Stack, { seed, file, signal, mint = minter(stack) }: RunOptions): Promise<History> {
  checkNames(scenario.checks)
  const ground = groundOf(stack)
  const places = placesFor(stack, mint)
  const everyPlace = places('tenant-a')
  await demandHealth(ground, everyPlace, signal)
  const loads = await prepareLoads(scenario, ground)
  using book = openHistory(file, openingOf(scenario, stack, seed, loads))
  book.fence('before', true, 'every way in and every shard answers')
  {
    await using sampling = startSampling(ground, book)
    await using crowd = startCrowd({
      book,
      seed,
      loads,
      placesOf: (load, process) => places(tenantOf(loads, load, process)),
      connect: await driverOf(stack.topology.programs.client),
      deadlineMs: scenario.deadlineMs,
      serverAt: ground.serverAt,
    })
    void sampling
    await faultsInTime({ stack, book, crowd, signal }, scenario.faults)
    await calmDown(crowd, book, scenario, signal)
    await crowd.stop()
  }
  await endFence(ground, everyPlace, book, scenario, signal)
  for (const { name, prepared } of loads) book.truth(name, await prepared.truth())
  book.truth('servers', (await serversNow(ground)) as unknown as Json)
  book.close()
  return readHistory(file)
}

interface Loaded {
  readonly name: string
  readonly clients: number
  readonly load: Load
  readonly prepared: PreparedLoad
}

async function prepareLoads(scenario: Scenario, ground: Ground): Promise<readonly Loaded[]> {
  const loads: Loaded[] = []
  for (const { name, clients } of scenario.loads) {
    const load = await loadNamed(name)
    for (const need of load.needs) {
      const found = ground.stack.can(need)
      if (!found.here) throw new HarnessError('capability-absent', `the load ${name} needs ${need}: ${found.why}`)
    }
    loads.push({ name, clients, load, prepared: await load.prepare(ground) })
  }
  return loads
}

function tenantOf(loads: readonly Loaded[], name: string, process: number): string {
  return loads.find((one) => one.name === name)?.load.tenantOf?.(process) ?? 'tenant-a'
}

function openingOf(scenario: Scenario, stack: Stack, seed: string, loads: readonly Loaded[]) {
  const { pooler, topology } = stack.setting
  const wish = stack.topology.pooler
  return {
    scenario: scenario.name,
    seed,
    system: { pooler, topology, versions: stack.versions },
    checks: scenario.checks,
    budgets: scenario.budgets,
    facts: {
      ...Object.fromEntries(loads.map(({ name, prepared }) => [name, prepared.facts])),
      // Whoever commits in two phases has one more connection to each server, by which it ends what was left prepared.
      pool: { size: (wish?.poolSize ?? 0) + (stack.topology.shards > 1 ? 1 : 0), instances: wish?.instances ?? 0 },
    },
  }
}

const fenceLimitMs = 30_000

async function demandHealth(ground: Ground, places: readonly Place[], signal: AbortSignal): Promise<void> {
  const wrong = await awaitHealth(ground, places, limitMs('stack-start', fenceLimitMs), signal)
  if (wrong !== null) throw new HarnessError('stack-did-not-rise', `the system is not healthy before anything was done to it: ${wrong}`)
}

/** The load goes on until every client has done well again, or until there is no more hope: a client that never did is a finding. */
async function calmDown(
  crowd: Crowd,
  book: HistoryBook,
  { calmAfter, calmWith, recoverWithinMs }: Scenario,
  signal: AbortSignal,
): Promise<void> {
  const since = book.now()
  const isCalm = () => crowd.fewestSince(since) >= calmAfter && calmWith.every((server) => crowd.sawSince(server, since))
  for (const end = Date.now() + recoverWithinMs; !isCalm() && Date.now() < end;) await sleep(10, undefined, { signal })
}

/** Also waits until the pools have got back to their size and prepared transactions are gone, as far as they do. */
async function endFence(ground: Ground, places: readonly Place[], book: HistoryBook, { recoverWithinMs }: Scenario, signal: AbortSignal) {
  const wrong = await awaitHealth(ground, places, limitMs('entry', recoverWithinMs), signal)
  book.fence('after', wrong === null, wrong ?? 'every way in and every shard answers')
  await sampleOnce(ground, book)
}

/** Who is what at the end, and what each server that takes writes holds. */
async function serversNow(ground: Ground) {
  return (await Promise.all(ground.shards.map((shard) => ground.standing(shard)))).flat()
}

/** Seeds that are not given. */
export const newSeed = (): string => Math.floor(randomFrom(`${Date.now()} ${process.pid}`)() * 2 ** 48).toString(16)
