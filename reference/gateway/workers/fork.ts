/** Both ends of the channel between supervisor and worker, as Node's own clusters have it. */
import cluster from 'node:cluster'
import type { Child } from './place.ts'
import type { Order, Report } from './protocol.ts'
import type { Channel } from './worker.ts'

export const isWorker = cluster.isWorker

/** Runs this same program again, as a worker. */
export function forkWorker(balance: 'primary' | 'kernel'): Child {
  cluster.schedulingPolicy = balance === 'primary' ? cluster.SCHED_RR : cluster.SCHED_NONE
  const worker = cluster.fork()
  // A channel that broke is followed by the exit, which says it all.
  worker.on('error', () => {})
  return {
    pid: worker.process.pid ?? null,
    send: (order, gone) => void worker.send(order, () => gone?.()),
    kill: (signal) => void worker.process.kill(signal),
    onReport: (listener) => void worker.on('message', (report: Report) => listener(report)),
    onExit: (listener) => void worker.on('exit', (code, signal) => listener(signal || `exit code ${code}`)),
  }
}

/** Signals are for the supervisor, even when a terminal sends them to all: a worker that heeded them would be replaced. */
export function channelUp(): Channel {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {})
  return {
    send: (report) => void process.send?.(report, undefined, undefined, () => {}),
    onOrder: (listener) => void process.on('message', (order: Order) => listener(order)),
  }
}
