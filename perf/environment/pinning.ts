/** Binding processes to processors, where the machine allows it, so that the load does not fight with what it measures. */
import { thisMachine, type Source } from './fact.ts'

export type Pinned = { readonly done: true; readonly cpus: string } | { readonly done: false; readonly why: string }

/** Binds a process with all its threads. */
export function pin(pid: number, cpus: readonly number[], source: Source = thisMachine): Pinned {
  if (source.platform !== 'linux')
    return { done: false, why: `processes can be bound to processors on Linux only, this is ${source.platform}` }
  const list = cpus.join(',')
  try {
    source.ask('taskset', ['-a', '-p', '-c', list, String(pid)])
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return {
      done: false,
      why: missing ? 'taskset is not on the PATH (it comes with util-linux)' : `taskset may not bind ${pid} to ${list}`,
    }
  }
  const now = cpusOf(pid, source)
  return now === null ? { done: false, why: `process ${pid} is gone` } : { done: true, cpus: now }
}

/** The processors that a process may run on, such as `0-3`; null where that is not told. */
export function cpusOf(pid: number, source: Source = thisMachine): string | null {
  try {
    return /^Cpus_allowed_list:\s*(\S+)$/m.exec(source.read(`/proc/${pid}/status`))?.[1] ?? null
  } catch {
    return null
  }
}

export interface Split {
  readonly load: readonly number[]
  readonly system: readonly number[]
}

/** A quarter of the processors (at least one) for the load, the rest for the system; null where there are too few to split. */
export function splitProcessors(allowed: string): Split | null {
  const cpus = numbersOf(allowed)
  if (cpus.length < 4) return null
  const load = Math.max(1, Math.floor(cpus.length / 4))
  return { load: cpus.slice(-load), system: cpus.slice(0, -load) }
}

/** `0-2,5` → 0 1 2 5. */
export function numbersOf(list: string): readonly number[] {
  return list.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number)
    return Number.isInteger(first) ? Array.from({ length: last - first + 1 }, (_, i) => first + i) : []
  })
}
