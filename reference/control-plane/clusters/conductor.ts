/** Runs the operation that a cluster has, one for each: those that are begun here, and those that another process left. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ProvisionerError } from '../provisioner.ts'
import { StoreError } from '../store/store.ts'
import { runDelete, runSuspend, runWake, type OperationTerms, type Run } from './operations.ts'
import type { ClusterRecord, Operation, OperationKind } from './record.ts'

export interface ConductorTerms extends OperationTerms {
  /** Of what nobody expected. */
  readonly onFault: (record: ClusterRecord, cause: unknown) => void
  /** An operation is over; the cluster may want something else now. */
  readonly onSettled: (clusterId: string) => void
}

interface Runner {
  readonly operationId: string
  readonly over: AbortController
  /** Resolves when the platform has taken the order, or it is over. */
  readonly ordered: Promise<void>
  readonly done: Promise<void>
}

const bodies: Readonly<Record<OperationKind, (terms: OperationTerms, run: Run) => Promise<void>>> = {
  create: runWake,
  wake: runWake,
  suspend: runSuspend,
  delete: runDelete,
}

export class Conductor {
  readonly #terms: ConductorTerms
  readonly #runners = new Map<string, Runner>()
  #stopped = false

  constructor(terms: ConductorTerms) {
    this.#terms = terms
  }

  /** How many operations are under way. */
  get size(): number {
    return this.#runners.size
  }

  isBusyWith(clusterId: string): boolean {
    return this.#runners.has(clusterId)
  }

  /** To be called for every record that was written here: begins what it says, ends what it does not say any more. */
  follow(record: ClusterRecord): void {
    const { operation } = record
    const runner = this.#runners.get(record.id)
    if (this.#stopped || runner?.operationId === operation?.id) return
    runner?.over.abort(new CalledOff())
    if (operation !== null) this.#run(record, operation)
  }

  /** Resolves when the platform has taken the order of this cluster, when there is none, or after so long. */
  async ordered(clusterId: string, withinMs: number): Promise<void> {
    const runner = this.#runners.get(clusterId)
    if (runner === undefined) return
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, withinMs)
    await Promise.race([runner.ordered, late.promise])
    clearTimeout(timer)
  }

  /** What is under way is left as it is: somebody else goes on with it. */
  async stop(): Promise<void> {
    this.#stopped = true
    const runners = [...this.#runners.values()]
    for (const { over } of runners) over.abort(new CalledOff())
    await Promise.all(runners.map(({ done }) => done))
  }

  #run(record: ClusterRecord, operation: Operation): void {
    const over = new AbortController()
    const ordered = Promise.withResolvers<void>()
    const before = this.#runners.get(record.id)?.done ?? Promise.resolve()
    const run: Run = { record, operation, signal: over.signal, onOrdered: ordered.resolve }
    const done = before.then(() => this.#guard(run)).finally(ordered.resolve)
    const runner: Runner = { operationId: operation.id, over, ordered: ordered.promise, done }
    this.#runners.set(record.id, runner)
    void done.then(() => {
      if (this.#runners.get(record.id) === runner) this.#runners.delete(record.id)
      if (!over.signal.aborted) this.#terms.onSettled(record.id)
    })
  }

  /** What cannot be written down is not done: it is gone on with when it can be, here or by who leads then. */
  async #guard(run: Run): Promise<void> {
    while (!run.signal.aborted) {
      try {
        return await bodies[run.operation.kind](this.#terms, run)
      } catch (cause) {
        if (run.signal.aborted || (cause instanceof StoreError && cause.fault === 'not_leading')) return
        this.#terms.onFault(run.record, cause)
        await sleep(this.#terms.times.maxPauseMs, undefined, { signal: run.signal }).catch(() => {})
      }
    }
  }
}

class CalledOff extends ProvisionerError {
  constructor() {
    super('was called off', { retryable: true })
  }
}
