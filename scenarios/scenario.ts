/** A scenario joins topology, load, faults in time and checks: plain data, and the same again from the same seed. */
import type { Fault } from '../chaos/fault.ts'
import type { TopologyWish } from '../stack/topology.ts'
import type { Budgets } from './history/record.ts'

export interface LoadWish {
  /** File name in loads/. */
  readonly name: string
  readonly clients: number
}

/** A fault waits for the load, not for a clock: the load is as fast as the machine is. */
export interface TimedFault {
  readonly fault: Fault
  /** The part or link it is done to. */
  readonly target: string
  /** Acknowledged operations since the last fault, or since the start. */
  readonly after: number
  /** It also waits for the target to answer: who loses what it does not use loses nothing. */
  readonly inUse?: true
  /** How long it bites before it is healed, ms; `with-next`: it is healed after the next one. */
  readonly holdMs: number | 'with-next'
}

export interface Scenario {
  readonly name: string
  readonly topology: TopologyWish
  readonly loads: readonly LoadWish[]
  readonly faults: readonly TimedFault[]
  /** File names in checks/. */
  readonly checks: readonly string[]
  readonly budgets: Budgets
  /** A client gives an operation up after so long, ms: longer than the system's own time limits, so that it is the system that speaks first. */
  readonly deadlineMs: number
  /** Acknowledged operations after the last healing, for each client. */
  readonly calmAfter: number
  /** Servers that must have a hand in an operation again before the load ends. */
  readonly calmWith: readonly string[]
  /** How long the whole may take to be healthy again after the last healing, ms. */
  readonly recoverWithinMs: number
}

/** What is left out of a scenario. */
export const usual = {
  topology: {},
  faults: [],
  checks: [],
  budgets: {},
  deadlineMs: 15_000,
  calmAfter: 5,
  calmWith: [],
  recoverWithinMs: 30_000,
} as const satisfies Partial<Scenario>
