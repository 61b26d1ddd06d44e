/** Commits what several shards have written in two phases, so that all of them keep it or none. */
import type { Logger } from 'pino'
import type { Branch } from '../crew/branch.ts'
import { commitOneByOne, inOrder, refusalOf, type Decision as End } from '../crew/commit.ts'
import { Refused } from '../refused.ts'
import type { DecisionLog } from './decision-log.ts'

/** How far a transaction over shards has come. */
export type Step = 'begun' | 'prepared' | 'all-prepared' | 'decided' | 'committed' | 'all-committed'

export interface CoordinatorOptions {
  readonly log: DecisionLog
  readonly logger: Logger
  /** Whether a decision is written down before it is carried out. */
  readonly keepsDecision: boolean
  /** Told of each step when it is done. */
  readonly passStep: (step: Step) => void
  /** Something was left behind that has to be brought to its end. */
  readonly onLeftBehind: () => void
}

export interface Common {
  readonly database: string
  readonly user: string
  readonly deadlineMs: number
}

export const gidOf = (id: string, shard: number): string => `orochi_${id}_${shard}`

/** The transaction and shard of a name that a router with this identity has given. */
export function readGid(gid: string, identity: string): { id: string; shard: number } | null {
  const found = new RegExp(`^orochi_(${identity}-[0-9a-z]+-[0-9]+)_([0-9]+)$`).exec(gid)
  return found ? { id: found[1] ?? '', shard: Number(found[2]) } : null
}

export class Coordinator {
  readonly #options: CoordinatorOptions
  /** Under way in this process: nobody else may end them. */
  readonly #active = new Set<string>()
  readonly #began = Date.now().toString(36)
  #count = 0
  readonly counts = { committed: 0, rolledBack: 0 }

  constructor(options: CoordinatorOptions) {
    this.#options = options
  }

  isActive(id: string): boolean {
    return this.#active.has(id)
  }

  /** Throws a Refused when nothing was committed. */
  async commit(branches: readonly Branch[], common: Common): Promise<End> {
    const writers = branches.filter(({ wrote }) => wrote)
    if (writers.length < 2) return commitOneByOne(branches, common.deadlineMs)
    const readers = branches.filter(({ wrote }) => !wrote)
    await Promise.allSettled(readers.map((branch) => branch.run('COMMIT', common.deadlineMs)))
    const id = `${this.#options.log.identity}-${this.#began}-${++this.#count}`
    const { passStep } = this.#options
    this.#active.add(id)
    try {
      passStep('begun')
      await this.#prepare(id, writers, common)
      passStep('all-prepared')
      await this.#decide(id, writers, common)
      passStep('decided')
      await this.#carryOut(id, writers, common)
      return 'committed'
    } finally {
      this.#active.delete(id)
    }
  }

  /** All are prepared, or none is. */
  async #prepare(id: string, writers: readonly Branch[], { deadlineMs }: Common): Promise<void> {
    const results = await Promise.all(inOrder(writers).map((branch) => prepareOne(branch, id, deadlineMs, this.#options.passStep)))
    const failed = results.find(({ failure }) => failure)
    if (!failed?.failure) return
    await this.#undo(id, results, deadlineMs)
    throw failed.failure
  }

  async #undo(id: string, results: readonly Prepared[], deadlineMs: number): Promise<void> {
    this.counts.rolledBack++
    const undone = await Promise.all(
      results.map(async ({ branch, failure }) => {
        if (branch.gone) return false
        const text = failure ? 'ROLLBACK' : `ROLLBACK PREPARED '${gidOf(id, branch.shard)}'`
        return branch.run(text, deadlineMs).then(
          ({ error }) => error === null,
          () => false,
        )
      }),
    )
    if (undone.includes(false)) this.#options.onLeftBehind()
  }

  async #decide(id: string, writers: readonly Branch[], { database, user, deadlineMs }: Common): Promise<void> {
    if (!this.#options.keepsDecision) return
    const participants = writers.map(({ shard }) => ({ shard, user }))
    try {
      await this.#options.log.commit({ id, database, participants })
    } catch (error) {
      this.#options.logger.error({ err: error }, 'the log of decisions cannot be written')
      await this.#undo(
        id,
        writers.map((branch) => ({ branch, failure: null })),
        deadlineMs,
      )
      throw new Refused('ERROR', '58030', 'the decision to commit could not be written down: nothing was committed', error)
    }
  }

  /** It is decided: whoever cannot be told now will be told later. */
  async #carryOut(id: string, writers: readonly Branch[], { deadlineMs }: Common): Promise<void> {
    this.counts.committed++
    const told = await Promise.all(
      writers.map((branch) =>
        branch.run(`COMMIT PREPARED '${gidOf(id, branch.shard)}'`, deadlineMs).then(
          ({ error }) => {
            this.#options.passStep('committed')
            return error === null
          },
          () => false,
        ),
      ),
    )
    this.#options.passStep('all-committed')
    if (told.includes(false)) return this.#options.onLeftBehind()
    if (this.#options.keepsDecision)
      await this.#options.log
        .done(id)
        .catch((error: unknown) => this.#options.logger.warn({ err: error }, 'the log of decisions cannot be written'))
  }
}

interface Prepared {
  readonly branch: Branch
  readonly failure: Refused | null
}

async function prepareOne(branch: Branch, id: string, deadlineMs: number, passStep: (step: Step) => void): Promise<Prepared> {
  try {
    const ran = await branch.run(`PREPARE TRANSACTION '${gidOf(id, branch.shard)}'`, deadlineMs)
    passStep('prepared')
    return { branch, failure: refusalOf(ran) }
  } catch (error) {
    return {
      branch,
      failure: new Refused('ERROR', '08006', 'a server was lost while the transaction was prepared: nothing was committed', error),
    }
  }
}
