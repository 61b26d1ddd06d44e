/** The processors: which they are, how they are clocked, and how they were used while something was measured. */
import { cpus, loadavg } from 'node:os'
import { factOf, linuxFact, thisMachine, type Fact, type Source } from './fact.ts'

export interface Processors {
  readonly model: string
  readonly count: number
  /** Frequency governor, such as `performance`. */
  readonly governor: Fact<string>
  /** Load over the last minute. */
  readonly load1: Fact<number>
}

export function readProcessors(source: Source = thisMachine): Processors {
  const governor = '/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'
  return {
    model: cpus()[0]?.model.trim() || 'unknown',
    count: cpus().length,
    governor: linuxFact(source, 'the frequency governor', () => source.read(governor).trim()),
    load1:
      source.platform === 'win32'
        ? { value: null, why: 'the load is not told by Windows' }
        : factOf('the load', () => Math.round((loadavg()[0] ?? Number.NaN) * 100) / 100),
  }
}

/** How all processors were used over a span of time. */
export interface ProcessorUse {
  readonly seconds: number
  /** Shares of the time of all processors, 0 to 1. */
  readonly busy: number
  /** Taken away by the host of a virtual machine. */
  readonly steal: Fact<number>
  readonly contextSwitchesPerSecond: Fact<number>
}

interface Ticks {
  readonly at: number
  readonly busy: number
  readonly all: number
  readonly steal: number
  readonly switches: number
}

/** Begins to watch; the function it returns tells the use since. */
export function watchProcessors(source: Source = thisMachine, now: () => number = () => performance.now()): () => ProcessorUse {
  const before = takeTicks(source, now())
  return () => useBetween(before, takeTicks(source, now()), source)
}

function useBetween(before: Ticks, after: Ticks, source: Source): ProcessorUse {
  const seconds = (after.at - before.at) / 1000
  const all = Math.max(1, after.all - before.all)
  return {
    seconds: round(seconds),
    busy: round((after.busy - before.busy) / all),
    steal: linuxFact(source, 'stolen time', () => round((after.steal - before.steal) / all)),
    contextSwitchesPerSecond: linuxFact(source, 'the count of context switches', () =>
      Math.round((after.switches - before.switches) / Math.max(seconds, 0.001)),
    ),
  }
}

function takeTicks(source: Source, at: number): Ticks {
  const stat = linuxFact(source, '/proc/stat', () => source.read('/proc/stat'))
  return stat.value === null ? ticksOfNode(at) : ticksOf(stat.value, at)
}

/** Without /proc, Node's own figures: no steal, no switches. */
function ticksOfNode(at: number): Ticks {
  const times = cpus().map((cpu) => cpu.times)
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0)
  const idle = times.reduce((sum, one) => sum + one.idle, 0)
  return { at, all, busy: all - idle, steal: Number.NaN, switches: Number.NaN }
}

/** The columns are user nice system idle iowait irq softirq steal; guest time is within user. */
function ticksOf(stat: string, at: number): Ticks {
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = Number.NaN] = (
    /^cpu\s+([\d ]+)$/m.exec(stat)?.[1] ?? ''
  )
    .split(' ')
    .map(Number)
  const stolen = Number.isNaN(steal) ? 0 : steal
  const busy = user + nice + system + irq + softirq
  return { at, busy, all: busy + idle + iowait + stolen, steal, switches: Number(/^ctxt (\d+)$/m.exec(stat)?.[1] ?? Number.NaN) }
}

const round = (value: number) => Math.round(value * 10_000) / 10_000
