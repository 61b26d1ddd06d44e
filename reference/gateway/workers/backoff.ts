/** How long to wait before a process that died is replaced: longer each time, and short again after one that lived. */

export interface BackoffTerms {
  readonly firstMs: number
  readonly maxMs: number
  /** Whoever lived so long did not die of its start. */
  readonly steadyMs: number
}

export const usualBackoff: BackoffTerms = { firstMs: 100, maxMs: 10_000, steadyMs: 30_000 }

export class Backoff {
  readonly #terms: BackoffTerms
  #deaths = 0

  constructor(terms: BackoffTerms) {
    this.#terms = terms
  }

  /** The wait after a life of so long. */
  after(livedMs: number): number {
    this.#deaths = livedMs >= this.#terms.steadyMs ? 1 : this.#deaths + 1
    return Math.min(this.#terms.maxMs, this.#terms.firstMs * 2 ** Math.min(this.#deaths - 1, 30))
  }
}
