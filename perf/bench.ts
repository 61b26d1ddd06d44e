/** What every benchmark of ours begins and ends with: a run of its own that is undone, the machine, and how busy it was. */
import { availableParallelism, cpus, loadavg } from 'node:os'
import { openLedger } from '../stack/ledger.ts'
import { undoRun } from '../stack/sweep.ts'

/** `about`: what else belongs to the line on the machine. */
export async function bench(work: (run: string, tellMachine: (about?: string) => void) => Promise<void>): Promise<void> {
  process.setMaxListeners(50)
  const run = `bench-${process.pid}`
  openLedger(run, 'main')
  try {
    await work(run, tellMachine)
    console.log(`\nload at the end ${loadNow()}`)
  } finally {
    await undoRun(run)
  }
}

function tellMachine(about?: string): void {
  const also = about === undefined ? '' : `, ${about}`
  console.log(`${availableParallelism()} × ${cpus()[0]?.model ?? 'processor'}, node ${process.version}${also}, load ${loadNow()}`)
}

export const loadNow = (): string =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(' ')
