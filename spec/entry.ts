/** One promise of the strategy document: what must hold, how important it is, and what it needs to be proved. */
import type { Capability } from './capability.ts'

export type Priority = 'P0' | 'P1' | 'P2'
export type PoolerKind = 'pgdog' | 'router'

/** One named part of an entry's `then`: the smallest thing that is proved or refuted. */
export interface Clause {
  readonly key: string
  readonly text: string
  /** Capabilities this clause needs beyond those of its entry. */
  readonly needs: readonly Capability[]
}

/** What the project expects to find; a surprise in either direction fails the run. */
export type Expectation =
  | { readonly verdict: 'proved' }
  | { readonly verdict: 'refuted'; readonly because: string; readonly clauses: readonly string[]; readonly versions: string }

/** A component log line (warning or worse) that proving this entry provokes. `match` is a regular expression. */
export interface ProvokedLine {
  readonly part: string
  readonly match: string
  readonly because: string
}

/** A threshold of the strategy document, exact. */
export interface Budget {
  readonly metric: string
  readonly op: '<' | '<=' | '>' | '>='
  readonly value: number
  readonly unit: string
  readonly percentile: number | null
  /** What "held" means, in words, for a threshold that must be held over a time. */
  readonly stability?: string | undefined
}

/** What is granted while faults last; what is left out is measured and nothing is demanded. */
export interface Budgets {
  /** From the first failed operation of a client to its next good one. */
  readonly outageMs?: number
  /** From the end of a fault to the first good operation of each client. */
  readonly recoveryMs?: number
  /** How long a client may wait to be told that an operation has failed. */
  readonly answerMs?: number
  /** How long readers may see one half of a transaction. */
  readonly halvesMs?: number
  /** Operations of one client that may fail around one fault. */
  readonly failuresPerClient?: number
}

/** Where an entry comes from that the strategy document does not list. */
export interface Lineage {
  readonly from: string
  /** The id or name it has there, where it differs. */
  readonly was: string | null
  /** Entries that check much the same. */
  readonly overlaps: readonly string[]
}

export interface Entry {
  readonly id: string
  readonly family: string
  readonly title: string
  readonly priority: Priority
  readonly kind: string
  /** `live`: a suite proves it; `planned`: nothing does yet. */
  readonly status: 'live' | 'planned'
  readonly given: string
  readonly when: string
  readonly clauses: readonly Clause[]
  readonly needs: readonly Capability[]
  /** Expectation for each pooler. */
  readonly expect: Readonly<Record<PoolerKind, Expectation>>
  readonly budget: Budget | null
  readonly budgets: Budgets
  readonly provokes: readonly ProvokedLine[]
  /** Time limit for the body in ms on a machine of factor 1. */
  readonly timeoutMs: number
  /** A destructive entry gets a stack of its own. */
  readonly destructive: boolean
  readonly marker: string | null
  readonly evidenceFor: readonly string[]
  readonly notes: readonly string[]
  readonly origin: 'strategy' | 'extended' | 'project'
  /** Only where the origin is not the strategy document. */
  readonly lineage?: Lineage
  /** SHA-256 (hex) over the words above that decide the meaning of a proof. */
  readonly digest: string
  /** Where it stands: file relative to the project, line from 1. */
  readonly source: { readonly file: string; readonly line: number }
}
