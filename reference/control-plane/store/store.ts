/** Where clusters and their events are kept. */
import type { WakeEvent } from '../api/pooler-schemas.ts'
import type { ClusterRecord, NewEvent } from '../clusters/record.ts'

export interface EventQuery {
  /** Left out: of all clusters. */
  readonly cluster?: string | undefined
  readonly after: number
  readonly limit: number
}

/**
 * Each change is one transaction: the record and its events, or nothing. One process at a time may change anything; it is said to lead, and
 * ceases to the moment it is gone. All methods throw a StoreError and nothing else.
 */
export interface Store extends AsyncDisposable {
  readonly kind: 'sqlite' | 'postgres'
  /** Whether this process leads now; tries to when nobody does. */
  lead(): Promise<boolean>
  get(id: string): Promise<ClusterRecord | null>
  /** By id, those behind `after`. */
  list(after: string, limit: number): Promise<readonly ClusterRecord[]>
  /** False: there is one of that name. */
  create(record: ClusterRecord, events: readonly NewEvent[]): Promise<boolean>
  /** In place of the one of `revision`; null when that is not there any more. */
  replace(record: ClusterRecord, events: readonly NewEvent[]): Promise<ClusterRecord | null>
  /** False: it is not there, or not of this revision. Its events stay. */
  remove(record: ClusterRecord, events: readonly NewEvent[]): Promise<boolean>
  events(query: EventQuery): Promise<readonly WakeEvent[]>
  lastEventId(): Promise<number>
  /** Forgets the oldest events but so many. */
  prune(keep: number): Promise<void>
}

export const storeFaults = ['unavailable', 'full', 'read_only', 'not_leading', 'foreign'] as const
export type StoreFault = (typeof storeFaults)[number]

export class StoreError extends Error {
  readonly fault: StoreFault

  constructor(fault: StoreFault, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause })
    this.name = 'StoreError'
    this.fault = fault
  }
}
