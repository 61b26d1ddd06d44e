/** One place among the workers: the process that has it now, and the next one when that dies. */
import type { GateAnswer, GateCall } from '../access/gate-words.ts'
import { ConfigError } from '../config-error.ts'
import type { Figures } from '../metrics.ts'
import { Backoff, type BackoffTerms } from './backoff.ts'
import { bounds, type Answer, type Order, type Question, type Report, type Start } from './protocol.ts'

/** A worker process, just started. */
export interface Child {
  readonly pid: number | null
  /** `gone` is called when the message has left, or never will. */
  send(order: Order, gone?: () => void): void
  kill(signal: NodeJS.Signals): void
  onReport(listener: (report: Report) => void): void
  onExit(listener: (how: string) => void): void
}

export interface PlaceTerms {
  readonly fork: () => Child
  readonly start: () => Start
  readonly backoff: BackoffTerms
  readonly died: (death: { readonly pid: number | null; readonly how: string; readonly againInMs: number }) => void
  readonly up: () => void
  readonly word: (word: Report & { readonly kind: 'word' }) => void
  readonly wordLost: () => void
  /** Its process asks the gate, and is answered unless it has ended. */
  readonly gate: (call: GateCall) => Promise<GateAnswer>
  /** Its process has ended, whatever for. */
  readonly left: () => void
}

type Life = 'starting' | 'up' | 'draining' | 'gone'

export class Place {
  readonly #terms: PlaceTerms
  readonly #backoff: Backoff
  readonly #questions = new Map<number, (answer: Answer | null) => void>()
  #child: Child | null = null
  #life: Life = 'gone'
  #closing = false
  #again: NodeJS.Timeout | undefined
  #wordsUnderWay = 0
  #asked = 0
  /** What its process last said of itself. */
  #figures: Figures = []
  #emptied = Promise.withResolvers<void>()

  constructor(terms: PlaceTerms) {
    this.#terms = terms
    this.#backoff = new Backoff(terms.backoff)
  }

  get isUp(): boolean {
    return this.#life === 'up'
  }

  /** The figures of the process that has the place; taken away with it by `takeFigures`. */
  get figures(): Figures {
    return this.#figures
  }

  takeFigures(): Figures {
    const figures = this.#figures
    this.#figures = []
    return figures
  }

  /** The first process: rejects with a ConfigError when it cannot run. */
  open(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#fork(resolve, (problem) => {
      this.#closing = true
      reject(new ConfigError(problem))
    })
    return promise
  }

  /** Null when there is nobody to answer, or not in time. */
  ask(question: Question, withinMs: number = bounds.answerMs): Promise<Answer | null> {
    if (this.#child === null || this.#life !== 'up') return Promise.resolve(null)
    const id = ++this.#asked
    const { promise, resolve } = Promise.withResolvers<Answer | null>()
    const timer = setTimeout(() => this.#settle(id, null), withinMs)
    this.#questions.set(id, (answer) => (clearTimeout(timer), resolve(answer)))
    this.#child.send({ kind: 'ask', id, question })
    return promise
  }

  tell(from: number, topic: string, text: string): void {
    if (this.#child === null || this.#life !== 'up') return
    if (this.#wordsUnderWay >= bounds.wordsUnderWay) return this.#terms.wordLost()
    this.#wordsUnderWay++
    this.#child.send({ kind: 'word', topic, text, from }, () => this.#wordsUnderWay--)
  }

  /** Resolves when its process has ended; nobody takes its place. May be called again with less patience. */
  async drain(patienceMs: number): Promise<void> {
    this.#closing = true
    clearTimeout(this.#again)
    if (this.#child === null) return
    const child = this.#child
    if (this.#life === 'starting') child.kill('SIGKILL')
    else child.send({ kind: 'drain', patienceMs })
    this.#life = 'draining'
    const impatience = setTimeout(() => child.kill('SIGKILL'), patienceMs + bounds.exitMs)
    await this.#emptied.promise
    clearTimeout(impatience)
  }

  #fork(up: () => void, failed: (problem: string) => void): void {
    const child = this.#terms.fork()
    const bornAt = performance.now()
    const overdue = setTimeout(() => child.kill('SIGKILL'), bounds.startMs)
    let problem: string | null = null
    this.#child = child
    this.#life = 'starting'
    this.#wordsUnderWay = 0
    this.#emptied = Promise.withResolvers()
    child.onReport((report) => {
      if (report.kind === 'failed') problem = report.problem
      if (report.kind === 'up') {
        clearTimeout(overdue)
        this.#cameUp(up)
      }
      this.#hear(report, child)
    })
    child.onExit((how) => {
      clearTimeout(overdue)
      if (this.#life === 'starting') failed(problem ?? `a worker ended before it was up (${how})`)
      this.#ended(child, problem ?? how, performance.now() - bornAt)
    })
    child.send(this.#terms.start())
  }

  #cameUp(up: () => void): void {
    if (this.#life !== 'starting') return
    this.#life = 'up'
    this.#terms.up()
    up()
  }

  #hear(report: Report, child: Child): void {
    if (report.kind === 'answer') this.#settle(report.id, report.answer)
    if (report.kind === 'word') this.#terms.word(report)
    // What comes after the end would be counted for ever.
    if (report.kind === 'gate' && this.#child === child) void this.#askGate(report, child)
  }

  async #askGate({ id, call }: Report & { readonly kind: 'gate' }, child: Child): Promise<void> {
    const answer = await this.#terms.gate(call)
    if (id !== null && this.#child === child) child.send({ kind: 'gate', id, answer })
  }

  #settle(id: number, answer: Answer | null): void {
    if (answer?.kind === 'figures') this.#figures = answer.figures
    this.#questions.get(id)?.(answer)
    this.#questions.delete(id)
  }

  #ended(child: Child, how: string, livedMs: number): void {
    this.#child = null
    this.#life = 'gone'
    this.#terms.left()
    for (const id of [...this.#questions.keys()]) this.#settle(id, null)
    this.#emptied.resolve()
    if (this.#closing) return
    const againInMs = this.#backoff.after(livedMs)
    this.#terms.died({ pid: child.pid, how, againInMs })
    this.#again = setTimeout(
      () =>
        this.#fork(
          () => {},
          () => {},
        ),
      againInMs,
    )
  }
}
