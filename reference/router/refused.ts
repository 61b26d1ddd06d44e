/** What the router tells a client when it cannot do what was asked: SQLSTATE, wording, and whether the session can go on. */
import { errorMessage } from '../wire/index.ts'

export class Refused extends Error {
  /** FATAL: the session is over. ERROR: only what was asked is. */
  readonly severity: 'ERROR' | 'FATAL'
  readonly sqlstate: string

  constructor(severity: 'ERROR' | 'FATAL', sqlstate: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'Refused'
    this.severity = severity
    this.sqlstate = sqlstate
  }

  asFatal(): Refused {
    return new Refused('FATAL', this.sqlstate, this.message, this.cause)
  }

  bytes(): Buffer {
    return errorMessage({ severity: this.severity, code: this.sqlstate, message: this.message })
  }
}

export const shuttingDown = (): Refused => new Refused('FATAL', '57P01', 'terminating connection due to administrator command')
