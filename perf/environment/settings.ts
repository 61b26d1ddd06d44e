/** Settings of the kernel, limits of the process and of its control group that bound what a measurement can reach. */
import { totalmem } from 'node:os'
import { factOf, linuxFact, thisMachine, type Fact, type Source } from './fact.ts'

export interface KernelSettings {
  /** Connections that may wait to be accepted. */
  readonly somaxconn: Fact<number>
  readonly synBacklog: Fact<number>
  /** First and last port for outgoing connections. */
  readonly portRange: Fact<string>
  /** Descriptors that one process may open, soft limit. */
  readonly openFiles: Fact<number>
  readonly timeWaitReuse: Fact<number>
  readonly transparentHugePages: Fact<string>
}

export function readKernelSettings(source: Source = thisMachine): KernelSettings {
  const mac = source.platform === 'darwin'
  const file = (what: string, path: string) => linuxFact(source, what, () => Number(source.read(path).trim()))
  const sysctl = (what: string, name: string) => factOf(what, () => Number(source.ask('sysctl', ['-n', name]).trim()))
  return {
    somaxconn: mac
      ? sysctl('the queue of connections', 'kern.ipc.somaxconn')
      : file('the queue of connections', '/proc/sys/net/core/somaxconn'),
    synBacklog: file('the queue of half-open connections', '/proc/sys/net/ipv4/tcp_max_syn_backlog'),
    portRange: readPortRange(source),
    openFiles: readOpenFiles(source),
    timeWaitReuse: file('the reuse of ports', '/proc/sys/net/ipv4/tcp_tw_reuse'),
    transparentHugePages: linuxFact(
      source,
      'the use of huge pages',
      () => /\[(\w+)\]/.exec(source.read('/sys/kernel/mm/transparent_hugepage/enabled'))?.[1],
    ),
  }
}

function readPortRange(source: Source): Fact<string> {
  if (source.platform === 'darwin')
    return factOf('the range of ports', () =>
      ['first', 'last'].map((end) => source.ask('sysctl', ['-n', `net.inet.ip.portrange.${end}`]).trim()).join('-'),
    )
  return linuxFact(source, 'the range of ports', () => source.read('/proc/sys/net/ipv4/ip_local_port_range').trim().split(/\s+/).join('-'))
}

function readOpenFiles(source: Source): Fact<number> {
  if (source.platform === 'linux')
    return factOf('the limit of descriptors', () => Number(/^Max open files\s+(\d+)/m.exec(source.read('/proc/self/limits'))?.[1]))
  return factOf('the limit of descriptors', () => {
    const told = source.ask('/bin/sh', ['-c', 'ulimit -n']).trim()
    return told === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(told)
  })
}

/** What the control group allows; what is unlimited has no value, and says so. */
export interface GroupLimits {
  /** Processors' worth of time. */
  readonly processors: Fact<number>
  readonly memoryBytes: Fact<number>
  readonly processes: Fact<number>
}

export function readGroupLimits(source: Source = thisMachine): GroupLimits {
  return {
    processors: groupFact(source, 'a limit of processor time', ['cpu.max'], ['cpu/cpu.cfs_quota_us', 'cpu/cpu.cfs_period_us'], shareOf),
    memoryBytes: groupFact(source, 'a limit of memory', ['memory.max'], ['memory/memory.limit_in_bytes'], belowMemory),
    processes: groupFact(source, 'a limit of processes', ['pids.max'], ['pids/pids.max'], Number),
  }
}

/** The process's own group of version 2, the root as a container sees it, else version 1. */
function groupFact(
  source: Source,
  what: string,
  second: readonly string[],
  first: readonly string[],
  parse: (text: string) => number,
): Fact<number> {
  const readAll = (files: readonly string[]) => files.map((file) => source.read(`/sys/fs/cgroup/${file}`).trim()).join(' ')
  const told = linuxFact(source, what, () => {
    const tries = [() => readAll(second.map((file) => `${ownGroup(source)}/${file}`)), () => readAll(second), () => readAll(first)]
    return firstOf(tries)
  })
  if (told.value === null) return told
  const value = parse(told.value)
  return Number.isFinite(value) && value > 0 ? { value } : { value: null, why: `${what} is not set` }
}

/** Of version 2, such as `user.slice/session.scope`. */
function ownGroup(source: Source): string {
  const path = /^0::\/(.*)$/m.exec(source.read('/proc/self/cgroup'))?.[1] ?? ''
  return path === '' ? '.' : path
}

function firstOf(tries: readonly (() => string)[]): string {
  for (const [at, attempt] of tries.entries())
    try {
      return attempt()
    } catch (error) {
      if (at === tries.length - 1) throw error
    }
  throw new Error('nothing was tried')
}

/** `200000 100000` are two processors' worth; `max 100000` and `-1 100000` are no limit. */
function shareOf(text: string): number {
  const [quota = Number.NaN, period = Number.NaN] = text.split(' ').map(Number)
  return Math.round((quota / period) * 100) / 100
}

/** Version 1 writes a huge number where there is no limit. */
function belowMemory(text: string): number {
  return Number(text) > totalmem() * 2 ? Number.NaN : Number(text)
}
