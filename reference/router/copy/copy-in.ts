/** Copy data of a client, each row sent to its shard, or all of it to every shard. */
import { backendType, encodeFrontend, frontendType, type Frame } from '../../wire/index.ts'
import type { Branch } from '../crew/branch.ts'
import type { Crew } from '../crew/crew.ts'
import { AlreadyTold, ClientGone } from '../crew/endings.ts'
import { sumOfTags } from '../crew/gather.ts'
import type { Analysis } from '../routing/analysis.ts'
import { decodeBackend } from '../../wire/index.ts'
import type { CopyFormat } from './format.ts'
import type { CopyRow, Splitter } from './splitter.ts'

/** Rows of one shard are sent together up to here. */
const batchBytes = 32 * 1024

type ShardOf = ((value: Buffer | null) => number) | null

export async function copyInto(
  crew: Crew,
  analysis: Analysis,
  { splitter }: { format: CopyFormat; splitter: Splitter },
  shardOf: ShardOf,
): Promise<void> {
  const branches = await crew.within(true).joinAll(crew.domain.allShards)
  const copying = new Copying(crew, branches, shardOf)
  await copying.begin(analysis.parsed.text)
  const failure = await feed(crew, copying, splitter).catch((error: unknown) => error as Error)
  const tags = await copying.end(failure ?? null)
  if (failure) throw failure
  crew.complete(shardOf === null ? (tags[0] ?? 'COPY 0') : sumOfTags(tags))
}

/** Throws what is wrong with the data, AlreadyTold after an error of a shard, ClientGone. */
async function feed(crew: Crew, copying: Copying, splitter: Splitter): Promise<void> {
  const { copyData, copyDone, copyFail, terminate } = frontendType
  let inside: Frame['piece'] | null = null
  for (;;) {
    const frame = (await crew.inbox?.next()) ?? null
    if (!frame || frame.type === terminate) throw new ClientGone()
    if (copying.failed) throw new AlreadyTold()
    if (frame.type === copyData) {
      inside = frame.piece
      await copying.send(splitter.push(frame.body))
    } else if (frame.type === copyDone) break
    else if (frame.type === copyFail) return copying.refuse(frame)
  }
  if (inside === 'first' || inside === 'middle') throw new ClientGone()
  await copying.send(splitter.end())
}

class Copying {
  readonly #crew: Crew
  readonly #branches: readonly Branch[]
  readonly #shardOf: ShardOf
  readonly #batches = new Map<Branch, Buffer[]>()
  readonly #sizes = new Map<Branch, number>()
  readonly #tags: string[] = []
  #told = false
  /** The client's own CopyFail. */
  #fail: Buffer | null = null

  constructor(crew: Crew, branches: readonly Branch[], shardOf: ShardOf) {
    this.#crew = crew
    this.#branches = branches
    this.#shardOf = shardOf
  }

  get failed(): boolean {
    return this.#branches.some(({ error, gone }) => error !== null || gone)
  }

  async begin(text: string): Promise<void> {
    for (const [i, branch] of this.#branches.entries()) {
      branch.wrote = true
      branch.sink = (frame) => this.#take(frame, i === 0)
      branch.start(text)
    }
    await Promise.all(this.#branches.map((branch) => branch.quiet()))
    if (this.failed) await this.end(new AlreadyTold()).then(() => Promise.reject(new AlreadyTold()))
    this.#crew.flush()
  }

  async send(rows: readonly CopyRow[]): Promise<void> {
    for (const { bytes, value } of rows) {
      if (value === undefined || this.#shardOf === null) for (const branch of this.#branches) this.#add(branch, bytes)
      else this.#add(this.#branchOf(this.#shardOf(value)), bytes)
    }
    await Promise.all(this.#branches.map((branch) => branch.roomy()))
  }

  refuse(frame: Frame): void {
    this.#fail = frame.bytes
  }

  /** Tells every shard that the data is complete, or that it is not; gives the tags of those that took it. */
  async end(failure: Error | null): Promise<readonly string[]> {
    for (const branch of this.#branches) {
      if (branch.gone || !branch.connection.replies.copyIn) continue
      if (!failure && !this.#fail) this.#flush(branch)
      const fail = this.#fail ?? encodeFrontend({ kind: 'copy-fail', reason: 'another part of the COPY has failed' })
      branch.send('copy-end', failure || this.#fail ? fail : encodeFrontend({ kind: 'copy-done' }))
    }
    this.#told ||= failure !== null
    await Promise.all(this.#branches.map((branch) => branch.quiet()))
    for (const branch of this.#branches) branch.sink = this.#crew.pass
    if (!failure && this.failed) throw new AlreadyTold()
    return this.#tags
  }

  #branchOf(shard: number): Branch {
    const branch = this.#branches.find((one) => one.shard === shard)
    if (!branch) throw new RangeError(`there is no shard ${shard}`)
    return branch
  }

  #add(branch: Branch, bytes: Buffer): void {
    const batch = this.#batches.get(branch) ?? []
    this.#batches.set(branch, batch)
    batch.push(bytes)
    const size = (this.#sizes.get(branch) ?? 0) + bytes.length
    this.#sizes.set(branch, size)
    if (size >= batchBytes) this.#flush(branch)
  }

  #flush(branch: Branch): void {
    const batch = this.#batches.get(branch) ?? []
    this.#batches.set(branch, [])
    this.#sizes.set(branch, 0)
    if (batch.length > 0 && branch.connection.replies.copyIn)
      branch.sendBare(encodeFrontend({ kind: 'copy-data', data: Buffer.concat(batch) }))
  }

  #take(frame: Frame, isFirst: boolean): void {
    if (frame.type === backendType.commandComplete) {
      const message = decodeBackend(frame)
      if (message.kind === 'command-complete') this.#tags.push(message.tag)
    } else if (frame.type === backendType.errorResponse) {
      if (!this.#told) this.#crew.pass(frame)
      this.#told = true
    } else if (isFirst || frame.type === backendType.noticeResponse) this.#crew.pass(frame)
  }
}
