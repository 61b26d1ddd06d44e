/** What a liar says of itself: which part it plays, what is wrong with it, and which clauses must find it out. */
import type { ClauseKeys, EntryId } from '../../spec/generated/ids.ts'

export interface Lie {
  readonly part: 'gateway' | 'router' | 'sql' | 'control-plane' | 'client' | 'failover'
  /** What it does wrong, in a sentence. */
  readonly why: string
  /** Clauses that must be refuted by an assertion when the suites meet it. */
  readonly refutes: { readonly [I in EntryId]?: readonly ClauseKeys[I][] }
}
