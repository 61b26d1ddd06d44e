/** What the supervisor and its workers say to each other; all of it bounded. */
import type { GateAnswer, GateCall } from '../access/gate-words.ts'
import type { GatewayConfig } from '../config.ts'
import type { Figures } from '../metrics.ts'
import type { OperationsAnswer, OperationsRequest } from '../operations.ts'

export interface Start {
  readonly kind: 'start'
  readonly number: number
  readonly size: number
  readonly port: number
  readonly config: GatewayConfig
}

/** A question to be answered under its id. */
export type Question =
  | { readonly kind: 'request'; readonly request: OperationsRequest }
  | { readonly kind: 'figures' }
  | { readonly kind: 'reload'; readonly config: GatewayConfig }

export type Answer =
  | { readonly kind: 'answered'; readonly answer: OperationsAnswer }
  | { readonly kind: 'figures'; readonly figures: Figures }
  | { readonly kind: 'reloaded' }

export interface Word {
  readonly kind: 'word'
  readonly topic: string
  readonly text: string
}

/** Supervisor to worker. */
export type Order =
  | Start
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  | { readonly kind: 'drain'; readonly patienceMs: number }
  | (Word & { readonly from: number })
  | { readonly kind: 'gate'; readonly id: number; readonly answer: GateAnswer }

/** Worker to supervisor. */
export type Report =
  | { readonly kind: 'up' }
  | { readonly kind: 'failed'; readonly problem: string }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer | null }
  | (Word & { readonly to: number | null })
  /** `id` is null where no answer is wanted. */
  | { readonly kind: 'gate'; readonly id: number | null; readonly call: GateCall }

export const bounds = {
  /** A worker that says nothing for so long is left out of an answer. */
  answerMs: 2000,
  /** An answer of the gate. */
  gateMs: 5000,
  /** One for which it must ask the lease store. */
  seatMs: 65_000,
  reloadMs: 10_000,
  startMs: 30_000,
  /** After the patience of a drain is over. */
  exitMs: 3000,
  wordBytes: 65_536,
  /** Words to a worker that have not left yet; more are lost, and counted. */
  wordsUnderWay: 1000,
  figuresBytes: 4_194_304,
} as const
