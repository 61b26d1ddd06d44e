/** A stage of a login must end by a certain instant; whatever it waits for is raced against that. */
export class Deadline implements Disposable {
  readonly #timer: NodeJS.Timeout
  readonly #over: Promise<never>

  constructor(timeoutMs: number, expired: () => Error) {
    const { promise, reject } = Promise.withResolvers<never>()
    this.#timer = setTimeout(() => reject(expired()), timeoutMs)
    this.#over = promise
    // Nobody may be waiting when it strikes.
    promise.catch(() => {})
  }

  race<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#over])
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}
