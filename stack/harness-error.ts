/** The one error of the harness: what went wrong, where, and what to do about it; its code is from a closed list. */

export type HarnessErrorCode =
  | 'bad-topology'
  | 'capability-absent'
  | 'disk-full'
  | 'no-such-part'
  | 'no-such-run'
  | 'not-fenced'
  | 'not-wired'
  | 'part-died'
  | 'port-taken'
  | 'provider-absent'
  | 'stack-did-not-rise'
  | 'state-unusable'
  | 'time-out'
  | 'tool-missing'

export class HarnessError extends Error {
  readonly code: HarnessErrorCode

  constructor(code: HarnessErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'HarnessError'
    this.code = code
  }
}

/** The error as one of ours: what the system said (a full disk, a time limit) becomes a code, anything else gets the given one. */
export function asHarnessError(error: unknown, code: HarnessErrorCode, hint = ''): HarnessError {
  const message = error instanceof Error ? error.message : String(error)
  if (/ENOSPC|No space left on device/i.test(`${message} ${hint}`))
    return new HarnessError('disk-full', `the disk is full: make room, or point OROCHI_STATE_DIR at a larger one (${message}${hint})`, {
      cause: error,
    })
  const known = error instanceof HarnessError ? error.code : isTimeOut(error) ? 'time-out' : code
  return new HarnessError(known, `${message}${hint}`, { cause: error })
}

function isTimeOut(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError'
}
