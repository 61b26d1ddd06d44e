/** Calls to a driver: each ends in time whatever the driver does, and what may succeed later is tried again. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ProvisionerError } from '../provisioner.ts'

export interface Patience {
  /** For one call. */
  readonly callTimeoutMs: number
  /** From a call that failed to the next; doubled each time. */
  readonly firstPauseMs: number
  readonly maxPauseMs: number
}

/** Throws a ProvisionerError; or the signal's reason when that fires. */
export async function callOnce<T>(
  what: string,
  act: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<T> {
  signal.throwIfAborted()
  const over = new AbortController()
  const cut = Promise.withResolvers<never>()
  const late = new ProvisionerError(`${what}: the driver did not end within ${timeoutMs} ms and was cut off`, { retryable: true })
  const timer = setTimeout(() => (over.abort(late), cut.reject(late)), timeoutMs)
  const stop = () => (over.abort(signal.reason), cut.reject(signal.reason as Error))
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([act(over.signal), cut.promise])
  } catch (cause) {
    if (cause === late || signal.aborted || cause instanceof ProvisionerError) throw signal.aborted ? signal.reason : cause
    throw new ProvisionerError(`${what}: the driver failed`, { retryable: false, cause })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

export interface Insistence extends Patience {
  readonly signal: AbortSignal
  /** ms since 1970; after it nothing is tried again. */
  readonly deadlineAt: number
  readonly now: () => number
  readonly onTrouble?: (trouble: ProvisionerError) => void
}

/** Until it succeeds, cannot succeed, or the deadline has come. At least once. */
export async function insist<T>(what: string, act: (signal: AbortSignal) => Promise<T>, terms: Insistence): Promise<T> {
  for (let pauseMs = terms.firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, terms.maxPauseMs)) {
    const leftMs = Math.max(terms.deadlineAt - terms.now(), terms.firstPauseMs)
    try {
      return await callOnce(what, act, terms.signal, Math.min(terms.callTimeoutMs, leftMs))
    } catch (cause) {
      if (!(cause instanceof ProvisionerError) || !cause.retryable || terms.now() + pauseMs >= terms.deadlineAt) throw cause
      terms.onTrouble?.(cause)
      await sleep(pauseMs, undefined, { signal: terms.signal }).catch(() => {})
      terms.signal.throwIfAborted()
    }
  }
}
