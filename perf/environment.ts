/** What is recorded with each figure: the machine, how it was set and used meanwhile, which versions ran, and on which processors. */
import { createHash } from 'node:crypto'
import { freemem, release, totalmem } from 'node:os'
import type { Stack } from '../stack/stack.ts'
import { thisMachine, type Source } from './environment/fact.ts'
import { cpusOf } from './environment/pinning.ts'
import { readProcessors, watchProcessors, type Processors, type ProcessorUse } from './environment/processor.ts'
import { readGroupLimits, readKernelSettings, type GroupLimits, type KernelSettings } from './environment/settings.ts'

export interface Environment {
  /** Same key: figures may be compared. */
  readonly machine: string
  readonly platform: string
  readonly kernel: string
  readonly processors: Processors
  readonly memoryBytes: number
  readonly freeBytes: number
  readonly settings: KernelSettings
  readonly group: GroupLimits
  /** Part → version it told. */
  readonly versions: Readonly<Record<string, string>>
  readonly placements: readonly Placement[]
}

/** What ran where. */
export interface Placement {
  readonly name: string
  readonly pid: number | null
  /** `elsewhere`: in a container, or a foreign one. */
  readonly place: 'process' | 'elsewhere'
  /** Processors it may run on; null where that is not told. */
  readonly cpus: string | null
}

/** The environment, and how the processors were used while figures were made in it. */
export interface Conditions extends Environment {
  readonly use: ProcessorUse
}

/** Begins to watch; the function it returns tells the conditions since. */
export function watchConditions(stack: Stack | null, source: Source = thisMachine): () => Conditions {
  const before = describeEnvironment(stack, source)
  const use = watchProcessors(source)
  return () => ({ ...before, use: use() })
}

export function describeEnvironment(stack: Stack | null, source: Source = thisMachine): Environment {
  return {
    machine: machineKey(source),
    platform: `${source.platform}-${process.arch}`,
    kernel: release(),
    processors: readProcessors(source),
    memoryBytes: totalmem(),
    freeBytes: freemem(),
    settings: readKernelSettings(source),
    group: readGroupLimits(source),
    versions: { harness: `Node ${process.version}`, ...stack?.versions },
    placements: [
      { name: 'harness', pid: process.pid, place: 'process', cpus: cpusOf(process.pid, source) },
      ...placementsOf(stack, source),
    ],
  }
}

function placementsOf(stack: Stack | null, source: Source): Placement[] {
  return (stack?.parts() ?? []).map(({ name, pid }) =>
    pid === undefined ? { name, pid: null, place: 'elsewhere', cpus: null } : { name, pid, place: 'process', cpus: cpusOf(pid, source) },
  )
}

/**
 * Twelve hex digits over what decides how fast a machine is: processors, memory, platform, limits of the control group.
 * It knows no names: two machines built alike have the same key, and one that was given another processor has a new one.
 */
export function machineKey(source: Source = thisMachine): string {
  const { model, count } = readProcessors(source)
  const { processors, memoryBytes } = readGroupLimits(source)
  const memory = Math.round(totalmem() / 2 ** 30)
  const told = [source.platform, process.arch, model, count, `${memory} GiB`, processors.value, memoryBytes.value]
  return createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 12)
}
