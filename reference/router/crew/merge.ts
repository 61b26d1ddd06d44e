/** The answers of several branches to one statement, passed on as one: rows whole, one description, one tag with the sum. */
import { backendType, decodeBackend, type Frame } from '../../wire/index.ts'
import type { Branch } from './branch.ts'
import type { Crew } from './crew.ts'
import { sumOfTags } from './gather.ts'

export interface Outcome {
  /** With the sum of all rows. */
  readonly tag: string
  /** The client has been told an error. */
  readonly told: boolean
  readonly error: unknown
}

export interface MergeOptions {
  /** Rows go to the client; else nobody sees them. */
  readonly passes: boolean
  /** The client has had a description of the rows. */
  readonly described: boolean
}

const { dataRow, rowDescription, commandComplete, errorResponse, noticeResponse, parameterStatus } = backendType
const passed: ReadonlySet<number> = new Set([noticeResponse, parameterStatus])

export class Merge {
  readonly #crew: Crew
  readonly #branches: readonly Branch[]
  readonly #options: MergeOptions
  readonly #tags: string[] = []
  /** In the middle of a row of this branch. */
  #inside: Branch | null = null
  readonly #held = new Map<Branch, Frame[]>()
  #described: boolean
  #told = false
  #error: unknown = null

  constructor(crew: Crew, branches: readonly Branch[], options: MergeOptions) {
    this.#crew = crew
    this.#branches = branches
    this.#options = options
    this.#described = options.described || !options.passes
  }

  take(branch: Branch, frame: Frame): void {
    if (this.#inside && this.#inside !== branch) this.#hold(branch, frame)
    else this.#handle(branch, frame)
  }

  /** A branch was lost, say; the others need not go on. */
  fail(error: unknown): void {
    this.#error ??= error
    this.#stopOthers()
  }

  outcome(): Outcome {
    return { tag: sumOfTags(this.#tags), told: this.#told, error: this.#error }
  }

  /** Rows of different branches must not be mixed. */
  #hold(branch: Branch, frame: Frame): void {
    const held = this.#held.get(branch) ?? []
    held.push(frame)
    this.#held.set(branch, held)
    branch.connection.pause()
  }

  #handle(branch: Branch, frame: Frame): void {
    if (frame.type === dataRow) this.#row(branch, frame)
    else if (frame.type === rowDescription) this.#describe(frame)
    else if (frame.type === commandComplete) this.#complete(frame)
    else if (frame.type === errorResponse) this.#tell(frame)
    else if (passed.has(frame.type)) this.#crew.pass(frame)
  }

  #row(branch: Branch, frame: Frame): void {
    const ends = frame.piece === 'whole' || frame.piece === 'last'
    this.#inside = ends ? null : branch
    if (this.#options.passes && !this.#told) this.#crew.pass(frame)
    if (frame.piece === 'last') this.#release()
  }

  /** One after the other, until one of them stands inside a row again. */
  #release(): void {
    for (const [branch, frames] of this.#held) {
      this.#held.delete(branch)
      for (const frame of frames) this.take(branch, frame)
      branch.connection.resume()
      if (this.#inside) return
    }
  }

  #describe(frame: Frame): void {
    if (!this.#described) this.#crew.pass(frame)
    this.#described = true
  }

  #complete(frame: Frame): void {
    const message = decodeBackend(frame)
    if (message.kind === 'command-complete') this.#tags.push(message.tag)
  }

  /** One error is enough. */
  #tell(frame: Frame): void {
    if (!this.#told && this.#error === null) this.#crew.pass(frame)
    this.#told = true
    this.#stopOthers()
  }

  #stopOthers(): void {
    const { deadlineMs } = this.#crew.options
    for (const { connection, gone } of this.#branches) {
      if (!gone && !connection.replies.quiet) void connection.cancel(deadlineMs).catch(() => {})
    }
  }
}
