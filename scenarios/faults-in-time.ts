/** Does the faults of a scenario one after the other, each once the load has gone on for a while, and heals every one, also after an abort. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { InjectedFault } from '../chaos/fault.ts'
import type { Stack } from '../stack/stack.ts'
import type { Crowd } from './crowd.ts'
import type { FaultBook, HistoryBook } from './history/write.ts'
import type { TimedFault } from './scenario.ts'

export interface Stage {
  readonly stack: Stack
  readonly book: HistoryBook
  readonly crowd: Crowd
  readonly signal: AbortSignal
}

/** How long the load may take to do what a fault waits for; it stands still only when the system is beyond help. */
const patienceMs = 40_000
const pollMs = 10

/** Faults that wait to be healed, the newest last. */
type Open = { readonly injected: InjectedFault; readonly written: FaultBook }[]

export async function faultsInTime(stage: Stage, faults: readonly TimedFault[]): Promise<void> {
  const open: Open = []
  await using scope = new AsyncDisposableStack()
  scope.defer(() => healAll(open))
  for (const { fault, target, after, inUse, holdMs } of faults) {
    // A system beyond help is a finding, told by clients that never recovered: more faults would tell nothing.
    if (!(await workDone(stage, after, inUse === true ? target : null))) return
    const written = stage.book.fault(fault.name, target)
    const injected = await fault.inject(stage.stack, target, stage.signal)
    written.bites(injected.effect)
    open.push({ injected, written })
    if (holdMs === 'with-next') continue
    await sleep(holdMs, undefined, { signal: stage.signal })
    await healAll(open)
  }
}

async function healAll(open: Open): Promise<void> {
  for (let last = open.pop(); last !== undefined; last = open.pop()) {
    last.written.heal()
    last.written.healed(await last.injected.heal())
    await last.injected[Symbol.asyncDispose]()
  }
}

/** False: the load stands still. */
async function workDone({ book, crowd, signal }: Stage, operations: number, server: string | null): Promise<boolean> {
  const [since, goal] = [book.now(), crowd.acknowledged() + operations]
  const isDone = () => crowd.acknowledged() >= goal && (server === null || crowd.sawSince(server, since))
  for (const end = Date.now() + patienceMs; !isDone(); await sleep(pollMs, undefined, { signal })) if (Date.now() > end) return false
  return true
}
