/** Runs a statement on several branches and keeps all rows they give, up to a limit. */
import { backendType, decodeBackend, type Frame } from '../../wire/index.ts'
import { Refused, RefusedByServer } from '../refused.ts'
import type { Branch } from './branch.ts'
import type { Crew } from './crew.ts'
import { launch, type Input } from './several.ts'

/** Rows of several shards are kept up to here. */
const mostBytes = 64 * 1024 * 1024

export interface Gathered {
  /** Whole DataRow messages, in the order each branch gave them. */
  readonly rows: ReadonlyMap<Branch, readonly Buffer[]>
  readonly tags: readonly string[]
}

/** Throws the error of a shard, 08006, or 54000 when there is too much. */
export async function gather(
  crew: Crew,
  input: Input,
  branches: readonly Branch[],
  textFor: (branch: Branch) => string,
): Promise<Gathered> {
  const gathering = new Gathering(crew, branches)
  for (const branch of branches) {
    branch.wrote ||= !input.analysis.readOnly
    launch(branch, input, textFor(branch), gathering.taker(branch))
  }
  await Promise.all(branches.map((branch) => branch.quiet().catch((error: unknown) => gathering.stop(error))))
  for (const branch of branches) branch.sink = crew.pass
  await Promise.allSettled(branches.map(({ connection }) => connection.cancelsDone()))
  if (gathering.failure !== null) throw gathering.failure
  return gathering
}

class Gathering implements Gathered {
  readonly rows: Map<Branch, Buffer[]>
  readonly tags: string[] = []
  failure: unknown = null
  readonly #crew: Crew
  readonly #branches: readonly Branch[]
  #bytes = 0

  constructor(crew: Crew, branches: readonly Branch[]) {
    this.#crew = crew
    this.#branches = branches
    this.rows = new Map(branches.map((branch) => [branch, []]))
  }

  /** The others need not go on. */
  stop(error: unknown): void {
    this.failure ??= error
    for (const { connection, gone } of this.#branches) {
      if (!gone && !connection.replies.quiet) void connection.cancel(this.#crew.options.deadlineMs).catch(() => {})
    }
  }

  taker(branch: Branch): (frame: Frame) => void {
    const rows = this.rows.get(branch) ?? []
    let pieces: Buffer[] = []
    return (frame) => {
      if (frame.type !== backendType.dataRow) return this.#other(frame)
      if (this.failure !== null || !this.#fits(frame)) return
      pieces.push(frame.bytes)
      if (frame.piece !== 'whole' && frame.piece !== 'last') return
      // A copy: the bytes are a part of a larger chunk, which would be kept with them.
      rows.push(Buffer.concat(pieces))
      pieces = []
    }
  }

  #other(frame: Frame): unknown {
    if (frame.type === backendType.noticeResponse) return this.#crew.pass(frame)
    if (frame.type !== backendType.errorResponse && frame.type !== backendType.commandComplete) return undefined
    const message = decodeBackend(frame)
    if (message.kind === 'command-complete') this.tags.push(message.tag)
    if (message.kind === 'error-response') this.stop(new RefusedByServer(message.fields))
  }

  #fits(frame: Frame): boolean {
    this.#bytes += frame.bytes.length
    if (this.#bytes <= mostBytes) return true
    this.stop(new Refused('ERROR', '54000', `the rows of several shards that have to be put together take more than ${mostBytes} bytes`))
    return false
  }
}

/** One tag with the sum of the rows of all. */
export function sumOfTags(tags: readonly string[]): string {
  const sum = tags.reduce((total, tag) => total + Number(/\d+$/.exec(tag)?.[0] ?? 0), 0)
  return (tags[0] ?? '').replace(/\d+$/, String(sum))
}
