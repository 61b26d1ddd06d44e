/** What a history is made of: operations with their outcome, fault intervals, samples and truths, all on one clock (ms since its start). */

import type { Budgets } from '../../spec/entry.ts'

export type { Budgets }

/** `fail`: definitely not applied. `info`: nobody knows. */
export type Outcome = 'ok' | 'fail' | 'info'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** How far an operation had come when its connection failed it. */
export type Phase = 'connect' | 'before-commit' | 'commit' | 'statement'

/** Who answered, as far as that was seen. */
export interface Seen {
  /** Where the client connected: `gateway-0`. */
  readonly instance?: string
  /** Process ids of the servers' backends that ran it. */
  readonly backends?: readonly number[]
  /** Names of the servers, by the port they say they listen on. */
  readonly servers?: readonly string[]
}

export interface Operation {
  /** Unique, in the order of invocation. */
  readonly index: number
  /** The client: its operations follow one another. */
  readonly process: number
  readonly load: string
  readonly kind: string
  readonly args: Json
  readonly invokeMs: number
  /** Null: it never returned as far as the history goes. */
  readonly returnMs: number | null
  readonly outcome: Outcome
  /** What it returned; null unless ok. */
  readonly value: Json
  readonly sqlstate: string | null
  /** What the client was told when it was not ok. */
  readonly message: string | null
  readonly phase: Phase | null
  /** The client gave up at its deadline: the system never answered. */
  readonly stuck: boolean
  readonly seen: Seen
}

export interface FaultInterval {
  readonly name: string
  readonly target: string
  /** When it was begun, when it was seen to bite, when healing began and when it was seen healed; null: the history ends before. */
  readonly injectMs: number
  readonly bitesMs: number | null
  readonly healMs: number | null
  readonly healedMs: number | null
  readonly effect: string | null
  readonly healing: string | null
}

export interface Sample {
  readonly atMs: number
  readonly name: string
  readonly where: string
  readonly value: number
}

/** What a load's data are, read from the servers themselves once all is quiet. */
export interface Truth {
  readonly atMs: number
  readonly load: string
  readonly state: Json
}

export interface Fence {
  readonly atMs: number
  readonly when: 'before' | 'after'
  readonly healthy: boolean
  readonly seen: string
}

export interface Opening {
  readonly format: 1
  readonly scenario: string
  readonly seed: string
  readonly startedAt: string
  /** The system, for whoever reads it later: pooler, topology line, versions. */
  readonly system: { readonly [key: string]: Json }
  /** Checks this history is to be judged by. */
  readonly checks: readonly string[]
  readonly budgets: Budgets
  /** What loads know that checks need: initial balances, sizes of pools. */
  readonly facts: { readonly [load: string]: Json }
}

export interface History extends Opening {
  readonly operations: readonly Operation[]
  readonly faults: readonly FaultInterval[]
  readonly samples: readonly Sample[]
  readonly truths: readonly Truth[]
  readonly fences: readonly Fence[]
  /** Reached by the last line. */
  readonly endMs: number
  /** The writer was lost: judged as far as it goes. */
  readonly cutOff: boolean
}

/** Lines of a history file, in the order in which things happened. */
export type Line =
  | ({ readonly t: 'begin' } & Opening)
  | ({ readonly t: 'invoke'; readonly at: number } & Pick<Operation, 'index' | 'process' | 'load' | 'kind' | 'args'>)
  | ({ readonly t: 'return'; readonly at: number; readonly index: number } & Result)
  | { readonly t: 'inject'; readonly at: number; readonly fault: number; readonly name: string; readonly target: string }
  | { readonly t: 'bites' | 'heal' | 'healed'; readonly at: number; readonly fault: number; readonly seen: string }
  | { readonly t: 'sample'; readonly at: number; readonly name: string; readonly where: string; readonly value: number }
  | { readonly t: 'truth'; readonly at: number; readonly load: string; readonly state: Json }
  | { readonly t: 'fence'; readonly at: number; readonly when: Fence['when']; readonly healthy: boolean; readonly seen: string }
  | { readonly t: 'end'; readonly at: number }

/** What came of an operation; what is left out is null, false or empty. */
export type Result = Pick<Operation, 'outcome'> & Partial<Pick<Operation, 'value' | 'sqlstate' | 'message' | 'phase' | 'stuck' | 'seen'>>
