/** The clients of all loads at work: each does one deed after the other, as the seed says, until it is told to stop. */
import { setTimeout as sleep } from 'node:timers/promises'
import { randomFrom, subSeed } from '../fixtures/random.ts'
import { openClient, type Place, type RecordingClient } from './client/client.ts'
import { isServed } from './effects.ts'
import type { Connect } from './client/driver.ts'
import type { HistoryBook } from './history/write.ts'
import type { PreparedLoad } from './load.ts'

export interface CrowdPlan {
  readonly book: HistoryBook
  readonly seed: string
  readonly loads: readonly { readonly name: string; readonly clients: number; readonly prepared: PreparedLoad }[]
  /** Ways in for one client. */
  placesOf(load: string, process: number): readonly Place[]
  readonly connect: Connect
  readonly deadlineMs: number
  serverAt(port: number): string
}

export interface Crowd extends AsyncDisposable {
  /** Acknowledged operations of all clients. */
  acknowledged(): number
  /** The fewest good operations that any client has begun after this moment. */
  fewestSince(atMs: number): number
  /** Whether a server was seen to answer an operation begun after this moment. */
  sawSince(server: string, atMs: number): boolean
  /** Lets what is under way end, and says goodbye. */
  stop(): Promise<void>
}

/** Between two deeds, and after one that failed: a load is not a race, and a lost connection no reason to spin. */
const restMs = 4
const restAfterFailureMs = 40

interface Walker {
  acknowledged: number
  /** Moments at which good operations began, the newest last; only as many as anybody asks for. */
  readonly begun: number[]
  /** Server → when the last good operation it had a hand in began. */
  readonly seen: Map<string, number>
}

const remembered = 200

export function startCrowd(plan: CrowdPlan): Crowd {
  const stop = new AbortController()
  const walkers: Walker[] = []
  const walks = plan.loads
    .flatMap(({ name, clients, prepared }) => Array.from({ length: clients }, () => ({ name, prepared })))
    .map(({ name, prepared }, process) => {
      const walker: Walker = { acknowledged: 0, begun: [], seen: new Map() }
      walkers.push(walker)
      const client = openClient({ ...plan, process, places: plan.placesOf(name, process) })
      return walk(plan, client, name, prepared, walker, stop.signal)
    })
  const ended = Promise.all(walks)
  ended.catch(() => {})
  const stopAll = async () => {
    stop.abort()
    await ended
  }
  return {
    acknowledged: () => walkers.reduce((sum, walker) => sum + walker.acknowledged, 0),
    fewestSince: (atMs) => Math.min(...walkers.map(({ begun }) => begun.filter((one) => one > atMs).length)),
    sawSince: (server, atMs) => walkers.some(({ seen }) => (seen.get(server) ?? -1) > atMs),
    stop: stopAll,
    [Symbol.asyncDispose]: stopAll,
  }
}

async function walk(
  { book, seed }: CrowdPlan,
  client: RecordingClient,
  load: string,
  { next }: PreparedLoad,
  walker: Walker,
  signal: AbortSignal,
): Promise<void> {
  await using owned = client
  const random = randomFrom(subSeed(seed, `client ${client.process}`))
  for (let turn = 0; !signal.aborted; turn++) {
    const began = book.now()
    const { outcome, sqlstate = null, seen } = await owned.perform({ load, ...next({ random, process: client.process, turn }) })
    const served = isServed({ outcome, sqlstate, load })
    if (served) note(walker, began, seen?.servers ?? [])
    await sleep(served ? restMs : restAfterFailureMs)
  }
}

function note(walker: Walker, began: number, servers: readonly string[]): void {
  for (const server of servers) walker.seen.set(server, began)
  walker.acknowledged++
  walker.begun.push(began)
  if (walker.begun.length > remembered) walker.begun.shift()
}
