/** What can go wrong for the person at the terminal: each kind has its exit code, and every failure names the next step. */

export const exitCodes = {
  failed: 1,
  usage: 2,
  not_found: 3,
  not_authorised: 4,
  unreachable: 5,
  conflict: 6,
  not_ready: 7,
  interrupted: 130,
} as const

export type FailureCode = keyof typeof exitCodes

export class Failure extends Error {
  readonly code: FailureCode
  readonly next: string

  /** `message` says what happened and where, `next` what to do about it. */
  constructor(code: FailureCode, message: string, next: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'Failure'
    this.code = code
    this.next = next
  }
}

export const exitCodeText = `
Exit codes:
  0    done
  1    refused or failed
  2    wrong usage or settings
  3    no such cluster
  4    not authorised
  5    the control plane cannot be reached
  6    conflict: somebody else changed the settings meanwhile
  7    not ready in time
  130  interrupted
`
