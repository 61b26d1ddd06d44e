/** How many are here now, by key and in all; nothing is kept of those that left. */

export class Headcount {
  readonly #counts = new Map<string, number>()
  #all = 0

  get all(): number {
    return this.#all
  }

  of(key: string): number {
    return this.#counts.get(key) ?? 0
  }

  /** Disposing of what is returned takes it out again, once. */
  enter(key: string): Disposable {
    this.#add(key, 1)
    let here = true
    return {
      [Symbol.dispose]: () => {
        if (here) this.#add(key, -1)
        here = false
      },
    }
  }

  /** Keys that have somebody here. */
  get size(): number {
    return this.#counts.size
  }

  counts(): ReadonlyMap<string, number> {
    return this.#counts
  }

  #add(key: string, change: number): void {
    const count = this.of(key) + change
    this.#all += change
    if (count > 0) this.#counts.set(key, count)
    else this.#counts.delete(key)
  }
}
