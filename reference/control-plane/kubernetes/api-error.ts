/** What an API server refused, or that it could not be asked. */

/** A `Status`, as far as it is read. */
interface Status {
  readonly reason?: string
  readonly message?: string
  readonly details?: { readonly causes?: readonly Cause[]; readonly retryAfterSeconds?: number }
}

export interface Cause {
  readonly reason?: string
  readonly field?: string
  readonly message?: string
}

/** Longer than that nobody is taken at their word. */
const longestRetryAfterMs = 30_000

export class ApiError extends Error {
  /** 0: there was no answer. */
  readonly status: number
  readonly reason: string
  readonly causes: readonly Cause[]
  readonly retryAfterMs: number | null

  constructor(status: number, body: string, retryAfter?: string, cause?: unknown) {
    const told = parse(body)
    super(
      `${status === 0 ? 'the API server cannot be asked' : `the API server answered ${status}`}: ${told.message ?? body.slice(0, 200)}`,
      { cause },
    )
    this.name = 'ApiError'
    this.status = status
    this.reason = told.reason ?? ''
    this.causes = told.details?.causes ?? []
    const seconds = retryAfter === undefined ? told.details?.retryAfterSeconds : Number(retryAfter)
    this.retryAfterMs = seconds !== undefined && seconds >= 0 ? Math.min(seconds * 1000, longestRetryAfterMs) : null
  }

  /** Whether the same request may be granted a little later. */
  get mayPass(): boolean {
    return [0, 429, 500, 502, 503, 504].includes(this.status)
  }

  /** Fields that somebody else manages, and who that is. */
  get conflicts(): readonly Cause[] {
    return this.status === 409 ? this.causes.filter(({ reason }) => reason === 'FieldManagerConflict') : []
  }
}

export function errorOf(cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause
  const inner = (cause as { cause?: { code?: string; message?: string } }).cause
  const said = cause instanceof Error ? cause.message : String(cause)
  return new ApiError(0, inner?.code ?? inner?.message ?? said, undefined, cause)
}

function parse(body: string): Status {
  try {
    const told: unknown = JSON.parse(body)
    return typeof told === 'object' && told !== null ? (told as Status) : {}
  } catch {
    return {}
  }
}

export const isMissing = (cause: unknown): boolean => cause instanceof ApiError && cause.status === 404
export const isOutdated = (cause: unknown): boolean => cause instanceof ApiError && cause.status === 409 && cause.conflicts.length === 0
