/** The first record of a run: what ran, from which seed, on which machine, and the exact command that repeats it. */
import { cpus, freemem, loadavg, release, totalmem } from 'node:os'
import { machineKey } from '../perf/environment.ts'
import type { EvidenceLine } from '../spec/evidence.ts'
import { timeFactor } from '../stack/limits.ts'
import type { FullPlan } from './plan.ts'
import { versionOf } from './project.ts'
import { commandOf, type SuiteOptions } from './suite-options.ts'

export function firstRecord(run: string, plan: FullPlan, options: SuiteOptions): EvidenceLine {
  const { text, dirty } = versionOf()
  return {
    kind: 'run',
    at: new Date().toISOString(),
    run,
    version: text,
    dirty,
    seed: options.seed,
    command: commandOf(options),
    profile: options.profile,
    plan: plan.hash,
    machine: machine(),
    liar: options.liar,
  }
}

function machine(): Readonly<Record<string, string | number>> {
  return {
    key: machineKey(),
    cpus: cpus().length,
    cpu: cpus()[0]?.model ?? '',
    memoryBytes: totalmem(),
    freeBytes: freemem(),
    kernel: release(),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
    load1: loadavg()[0] ?? 0,
    timeFactor: timeFactor(),
  }
}
