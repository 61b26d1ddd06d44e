/** The clients that wait for a server connection: first come, first served, each with a deadline, and who leaves frees its place. */

interface Place<T> {
  readonly resolve: (served: T) => void
  readonly reject: (reason: Error) => void
}

export class Line<T> {
  /** A Set keeps the order of arrival and lets anybody leave at once. */
  readonly #places = new Set<Place<T>>()

  get length(): number {
    return this.#places.size
  }

  /** Waits to be served. Rejects with `late()` after `deadlineMs`, or with the signal's reason when it aborts. */
  async join(deadlineMs: number, signal: AbortSignal, late: () => Error): Promise<T> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    // Out of the line in the same turn in which it is refused: `serve` must never choose one who has gone.
    const refuse = (reason: Error): void => {
      this.#places.delete(place)
      reject(reason)
    }
    const place = { resolve, reject: refuse }
    const leave = (): void => refuse(signal.reason as Error)
    const timer = setTimeout(() => refuse(late()), deadlineMs)
    signal.addEventListener('abort', leave, { once: true })
    this.#places.add(place)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', leave)
    }
  }

  /** Serves the first; false when nobody waits. */
  serve(served: T): boolean {
    const [first] = this.#places
    if (!first) return false
    this.#places.delete(first)
    first.resolve(served)
    return true
  }

  refuseAll(reason: Error): void {
    for (const place of this.#places) place.reject(reason)
  }
}
