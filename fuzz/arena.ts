/** A place where scripts are tried out on a target: what each leg has in common. */
import type { Script } from './script.ts'

/** What is wrong, in words without anything that differs from run to run but digits. */
export type Complaint = string

export interface Trial {
  readonly complaints: readonly Complaint[]
  /** What the hostile side sent, for the report. */
  readonly said: Buffer
}

export interface Arena extends AsyncDisposable {
  /** So many scripts can be played at a time; each has a slot of its own. */
  readonly slots: number
  tryOut(script: Script, slot: number): Promise<Trial>
  alive(): boolean
  /** How it died. */
  death(): string
  /** Starts the target again. */
  revive(): Promise<void>
  /** A client that does everything right; null when it was served. */
  serveGood(): Promise<Complaint | null>
  /** Complaints of the log and about memory that belong to no script. */
  takeComplaints(): readonly Complaint[]
  /** Once everybody has gone, everything must be given back. */
  settle(): Promise<readonly Complaint[]>
}

/** A node that serves nobody may grow to this much by load, garbage and code alone. */
export const mostResidentBytes = 600 * 1024 * 1024
/** Sockets of a moment, files of the runtime. */
export const fewDescriptors = 12

export function kindOf(complaint: Complaint): string {
  return complaint.replaceAll(/\d+/g, '#').slice(0, 80)
}
