/** What a client does at one time: the branches that take part, each brought to where the others are, and their common end. */
import { Refused, RefusedByServer } from '../refused.ts'
import type { Branch } from './branch.ts'
import type { Decision } from './commit.ts'

/** More statements that every branch has to hear are not kept. */
const mostScript = 1000

export interface TransactionOptions {
  /** A new hold on a server of the shard. */
  readonly open: (shard: number) => Promise<Branch>
  readonly release: (branch: Branch) => void
  readonly abandon: (branch: Branch) => void
  readonly commit: (branches: readonly Branch[]) => Promise<Decision>
  readonly deadlineMs: number
}

export class Transaction {
  readonly #options: TransactionOptions
  readonly #branches = new Map<number, Branch>()
  /** BEGIN and its options; null: every statement stands alone. */
  readonly begin: string | null
  /** The client has said BEGIN; else the router has, for a unit that needs it. */
  explicit: boolean
  /** SET, SAVEPOINT and the like: whoever joins later must have heard them. */
  readonly #script: string[] = []
  #failed = false

  constructor(options: TransactionOptions, begin: string | null, explicit: boolean) {
    this.#options = options
    this.begin = begin
    this.explicit = explicit
  }

  get status(): 'I' | 'T' | 'E' {
    if (!this.explicit) return 'I'
    return this.failed ? 'E' : 'T'
  }

  get failed(): boolean {
    return this.#failed || (this.begin !== null && this.branches.some(({ connection }) => connection.status === 'E'))
  }

  get branches(): readonly Branch[] {
    return [...this.#branches.values()]
  }

  fail(): void {
    this.#failed = true
  }

  /** A rollback to a savepoint has made it good. */
  heal(): void {
    this.#failed = false
  }

  /** Its own characteristics may have been set since it began. */
  get changed(): boolean {
    return this.#script.some((text) => /\btransaction\b/i.test(text))
  }

  has(shard: number): boolean {
    return this.#branches.has(shard)
  }

  async join(shard: number): Promise<Branch> {
    const known = this.#branches.get(shard)
    if (known) return known
    const branch = await this.#options.open(shard)
    this.#branches.set(shard, branch)
    for (const text of this.begin === null ? [] : [this.begin, ...this.#script]) {
      const { error } = await branch.run(text, this.#options.deadlineMs)
      if (error) throw new RefusedByServer(error)
    }
    return branch
  }

  async joinAll(shards: readonly number[]): Promise<Branch[]> {
    const joined: Branch[] = []
    for (const shard of shards) joined.push(await this.join(shard))
    return joined
  }

  /** What those who join later have to hear. */
  note(text: string): void {
    if (this.begin === null) return
    if (this.#script.length >= mostScript)
      throw new Refused('ERROR', '54000', `more than ${mostScript} settings and savepoints in one transaction`)
    this.#script.push(text)
  }

  /** Whether it was committed, or rolled back as it had failed. Throws a Refused when it could not be committed. */
  async end(): Promise<Decision> {
    try {
      if (!this.failed) return await this.#options.commit(this.branches)
      await this.rollBack()
      return 'rolled-back'
    } finally {
      this.release()
    }
  }

  async rollBack(): Promise<void> {
    const open = this.branches.filter(({ connection, gone }) => !gone && connection.status !== 'I')
    await Promise.allSettled(open.map((branch) => branch.run('ROLLBACK', this.#options.deadlineMs)))
  }

  /** Gives all branches back: those at rest to be used again, the others to be brought to rest. */
  release(): void {
    for (const branch of this.branches) {
      this.#branches.delete(branch.shard)
      branch.connection.detach()
      if (branch.gone || branch.connection.status !== 'I' || !branch.connection.replies.quiet) this.#options.abandon(branch)
      else this.#options.release(branch)
    }
  }
}
