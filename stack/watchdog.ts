/** A small process of its own that outlives the run's owner, and undoes the run should the owner die without doing so. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { readLedger } from './ledger.ts'
import { isAlive } from './processes.ts'
import { runFolder } from './state.ts'
import { isLiving, undoOwner, undoRun } from './sweep.ts'

const pollMs = 250

/** Runs that this process has set a watchdog on. */
const watched = new Set<string>()

/** Starts the watchdog of a run in a session of its own, so that no signal to ours reaches it; a run needs one only. */
export function setWatchdog(run: string): void {
  if (watched.has(run) || process.env['OROCHI_WATCHED'] === run) return
  watched.add(run)
  const child = spawn(process.execPath, [import.meta.filename, run], { detached: true, stdio: 'ignore', cwd: '/' })
  child.unref()
}

/** Watches until the run's folder is gone; undoes it if its main owner dies, and a worker's part if the worker dies. */
export async function watch(run: string): Promise<void> {
  const undone = new Set<number>()
  while (existsSync(runFolder(run))) {
    if (!isLiving(run)) return undoRun(run)
    for (const worker of deadWorkers(run)) {
      if (undone.has(worker)) continue
      undone.add(worker)
      await undoOwner(run, worker)
    }
    await sleep(pollMs)
  }
}

function deadWorkers(run: string): readonly number[] {
  const lines = readLedger(run)
  const closed = new Set(lines.filter((line) => line.kind === 'closed').map((line) => line.owner))
  return lines
    .filter((line) => line.kind === 'owner' && line.role === 'worker' && !isAlive(line.process) && !closed.has(line.process.pid))
    .map((line) => (line.kind === 'owner' ? line.process.pid : 0))
}

if (import.meta.main) {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {})
  await watch(process.argv[2] ?? '')
}
