/** What a worker asks the one gate of all workers, and tells it. */
import type { Reason, RefusalNotes } from '../reasons.ts'
import type { Source } from './address.ts'

/** `guest` is a number that the worker gives. */
export type GateCall =
  | { readonly op: 'arrive' | 'header'; readonly guest: number; readonly source: Source }
  | { readonly op: 'welcome' | 'handshake' | 'handshaken' | 'cancel' | 'leave'; readonly guest: number }
  | { readonly op: 'refused'; readonly guest: number; readonly failure: boolean }
  | { readonly op: 'seat'; readonly guest: number; readonly tenant: string; readonly places: number }

export type GateAnswer =
  | { readonly kind: 'fine' }
  | { readonly kind: 'arrived'; readonly objection: boolean }
  | { readonly kind: 'cancel'; readonly allowed: boolean; readonly recorded: boolean }
  | { readonly kind: 'refused'; readonly reason: Reason; readonly notes: Pick<RefusalNotes, 'silent' | 'unrecorded'> }
