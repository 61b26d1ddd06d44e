/** The one error of the harness: what went wrong, where, and what to do about it; its code is from a closed list. */

export type HarnessErrorCode =
  | 'bad-topology'
  | 'capability-absent'
  | 'disk-full'
  | 'ledger-damaged'
  | 'no-such-part'
  | 'no-such-run'
  | 'not-wired'
  | 'part-died'
  | 'port-taken'
  | 'provider-absent'
  | 'stack-did-not-rise'
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
