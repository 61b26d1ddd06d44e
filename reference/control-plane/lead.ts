/** Leads as long as the store lets it, and does then what only one may do. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Write } from '../gateway/audit.ts'
import type { ClusterRecord } from './clusters/record.ts'
import { StoreError, type Store } from './store/store.ts'

export interface LeadTerms {
  readonly store: Store
  readonly write: Write
  readonly everyMs: number
  readonly keepEvents: number
  readonly onLeads: (leads: boolean) => void
  /** Called when the lead was won, before anything else. */
  readonly begin: () => Promise<void>
  /** Runs while it leads. */
  readonly run: (signal: AbortSignal) => Promise<void>
  /** Called when the lead is lost or given up. */
  readonly end: () => Promise<void>
  readonly follow: (record: ClusterRecord) => void
}

export class Lead implements AsyncDisposable {
  readonly #terms: LeadTerms
  readonly #over = new AbortController()
  #term: { readonly lost: AbortController; readonly done: Promise<void> } | null = null
  #begun = false
  #settling: Promise<void> = Promise.resolve()
  #loop: Promise<void> = Promise.resolve()

  constructor(terms: LeadTerms) {
    this.#terms = terms
  }

  get leads(): boolean {
    return this.#term !== null
  }

  /** Leads, and has taken up what was left. */
  get isSettled(): boolean {
    return this.leads && this.#begun
  }

  follow(record: ClusterRecord): void {
    if (this.leads) this.#terms.follow(record)
  }

  /** Resolves when it is known whether it leads for now, and what was left is taken up. */
  async start(): Promise<void> {
    await this.#look()
    await this.#settling
    this.#loop = this.#lookOn()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort()
    await this.#loop
    await this.#stepDown()
  }

  async #lookOn(): Promise<void> {
    for (let round = 1; !this.#over.signal.aborted; round++) {
      await sleep(this.#terms.everyMs, undefined, { signal: this.#over.signal }).catch(() => {})
      if (this.#over.signal.aborted) return
      await this.#look()
      if (this.leads && round % pruneEvery === 0)
        await this.#terms.store.prune(this.#terms.keepEvents).catch((cause: unknown) => this.#tell(cause))
    }
  }

  async #look(): Promise<void> {
    const leads = await this.#terms.store.lead().catch((cause: unknown) => (this.#tell(cause), false))
    if (leads && this.#term === null) this.#takeOver()
    if (!leads && this.#term !== null) await this.#stepDown()
  }

  #takeOver(): void {
    const lost = new AbortController()
    this.#begun = false
    this.#terms.onLeads(true)
    this.#terms.write('info', { event: 'lead', outcome: 'taken' }, 'this control plane leads')
    const settled = Promise.withResolvers<void>()
    this.#settling = settled.promise
    // The term must be there when what is taken up is followed.
    this.#term = { lost, done: Promise.resolve().then(() => this.#rule(lost.signal, settled.resolve)) }
  }

  async #rule(lost: AbortSignal, settled: () => void): Promise<void> {
    while (!lost.aborted) {
      try {
        if (!this.#begun) await this.#terms.begin().finally(settled)
        this.#begun = true
        await this.#terms.run(lost)
      } catch (cause) {
        if (lost.aborted) return
        this.#tell(cause)
        await sleep(this.#terms.everyMs, undefined, { signal: lost }).catch(() => {})
      }
    }
  }

  async #stepDown(): Promise<void> {
    const term = this.#term
    if (term === null) return
    this.#term = null
    this.#terms.onLeads(false)
    this.#terms.write('warn', { event: 'lead', outcome: 'ended' }, 'this control plane does not lead any more')
    term.lost.abort()
    await Promise.all([term.done, this.#terms.end()])
  }

  #tell(cause: unknown): void {
    const fault = cause instanceof StoreError ? cause.message : (cause as Error).stack
    this.#terms.write(
      cause instanceof StoreError ? 'warn' : 'error',
      { event: 'lead', fault },
      'something is wrong with the store or the watch',
    )
  }
}

const pruneEvery = 60
