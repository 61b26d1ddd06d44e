/** What a k6 script is told: plain data, understood by k6 and by Node. */

export interface K6Target {
  /** Letters, digits and dashes: it names a scenario. */
  readonly name: string
  readonly method: 'GET' | 'POST' | 'HEAD'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  /** The answer that is right. */
  readonly status: number
  readonly perSecond: number
}

export interface K6Plan {
  readonly targets: readonly K6Target[]
  readonly seconds: number
  /** Requests of one target that may be under way at once. */
  readonly concurrency: number
  readonly timeoutMs: number
  readonly thresholds: Readonly<Record<string, readonly string[]>>
}
