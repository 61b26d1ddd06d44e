/** Tells whoever waits that there may be new events. */

export interface Feed {
  /** To be called after events were written. */
  tell(): void
  /** Resolves true when there may be some, false after so long; never later than the signal. */
  next(withinMs: number, signal: AbortSignal): Promise<boolean>
}

/** What another process writes is not told here: it is looked for that often. */
const lookEveryMs = 1000

export function makeFeed(): Feed {
  let waiting = Promise.withResolvers<void>()
  return {
    tell() {
      waiting.resolve()
      waiting = Promise.withResolvers()
    },
    async next(withinMs, signal) {
      const over = Promise.withResolvers<boolean>()
      const stop = () => over.resolve(false)
      const timers = [setTimeout(stop, withinMs), setTimeout(() => over.resolve(true), Math.min(lookEveryMs, withinMs))]
      signal.addEventListener('abort', stop, { once: true })
      if (signal.aborted) stop()
      try {
        return await Promise.race([waiting.promise.then(() => true), over.promise])
      } finally {
        for (const timer of timers) clearTimeout(timer)
        signal.removeEventListener('abort', stop)
      }
    },
  }
}
