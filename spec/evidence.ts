/** The lines of `out/<run>/evidence.jsonl`: appended as things happen, never changed; every verdict is derived from them. */
import type { PoolerKind } from './entry.ts'

/** Why something is not known. A closed list, so that reports can group by it. */
export const unknownReasons = [
  'killed', // started, never ended
  'stack-did-not-rise',
  'harness-error', // something other than an assertion was thrown
  'assertion-outside-clause',
  'clause-not-discharged',
  'time-out',
  'tool-missing',
  'unexplained-log', // a component warned or worse and nothing explains it
  'unclean', // the fence after the entry found something left behind
  'harness-crash', // the worker died
  'fault-not-applied',
  'load-not-reached',
  'machine-too-small',
  'inconclusive',
] as const
export type UnknownReason = (typeof unknownReasons)[number]

export type ClauseOutcome =
  | { readonly verdict: 'proved' }
  | { readonly verdict: 'refuted'; readonly why: string }
  | { readonly verdict: 'unknown'; readonly reason: UnknownReason; readonly why: string }
  | { readonly verdict: 'unsupported'; readonly why: string }

/** Which system an entry ran against. */
export interface Setting {
  readonly pooler: PoolerKind | 'none'
  readonly provider: string
  /** Short text of the topology, stable: `shards=2 replicas=0 …`. */
  readonly topology: string
  /** Digest over everything that ran: versions, configuration, our own sources. */
  readonly fingerprint: string
}

/** SHA-256 digests (hex) of what the proof rests on. */
export interface Grounds {
  readonly entry: string
  readonly testFile: string
  readonly kit: string
  readonly parts: string
}

export type EvidenceLine =
  | {
      readonly kind: 'run'
      readonly at: string
      readonly run: string
      readonly version: string
      readonly dirty: boolean
      readonly seed: string
      readonly command: string
      readonly profile: string
      readonly plan: string
      readonly machine: Readonly<Record<string, string | number>>
      readonly liar: string | null
    }
  | {
      readonly kind: 'stack'
      readonly at: string
      readonly setting: Setting
      readonly versions: Readonly<Record<string, string>>
      readonly settings: string
    }
  | {
      readonly kind: 'started'
      readonly at: string
      readonly entry: string
      readonly attempt: number
      readonly seed: string
      readonly setting: Setting
      readonly grounds: Grounds
      readonly testFile: string
    }
  | {
      readonly kind: 'clause'
      readonly at: string
      readonly entry: string
      readonly attempt: number
      readonly clause: string
      readonly outcome: ClauseOutcome
    }
  | {
      readonly kind: 'measured'
      readonly at: string
      readonly entry: string
      readonly attempt: number
      readonly name: string
      readonly value: number
      readonly unit: string
    }
  | {
      readonly kind: 'attached'
      readonly at: string
      readonly entry: string
      readonly attempt: number
      readonly name: string
      readonly path: string
      readonly sha256: string
    }
  | {
      readonly kind: 'ended'
      readonly at: string
      readonly entry: string
      readonly attempt: number
      /** What befell the entry as a whole (its clauses stand in lines of their own). */
      readonly outcome: ClauseOutcome
      readonly durationMs: number
    }
  | { readonly kind: 'finished'; readonly at: string; readonly run: string; readonly exitCode: number }
