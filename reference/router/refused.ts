/** What the router tells a client when it cannot do what was asked: SQLSTATE, wording, and whether the session can go on. */
import { encodeBackend, errorMessage, type ErrorFields } from '../wire/index.ts'

export class Refused extends Error {
  /** FATAL: the session is over. ERROR: only what was asked is. */
  readonly severity: 'ERROR' | 'FATAL'
  readonly sqlstate: string
  /** Where in the statement, from 1. */
  readonly position: number | undefined

  constructor(severity: 'ERROR' | 'FATAL', sqlstate: string, message: string, cause?: unknown, position?: number) {
    super(message, { cause })
    this.name = 'Refused'
    this.severity = severity
    this.sqlstate = sqlstate
    this.position = position
  }

  asFatal(): Refused {
    return new Refused('FATAL', this.sqlstate, this.message, this.cause)
  }

  bytes(): Buffer {
    const place = this.position === undefined ? {} : { position: this.position }
    return errorMessage({ severity: this.severity, code: this.sqlstate, message: this.message, ...place })
  }
}

/** A server's own error, passed on with all it said. */
export class RefusedByServer extends Refused {
  readonly fields: ErrorFields

  constructor(fields: ErrorFields) {
    super('ERROR', fields.get('C') ?? 'XX000', fields.get('M') ?? '')
    this.fields = fields
  }

  override bytes(): Buffer {
    return encodeBackend({ kind: 'error-response', fields: this.fields })
  }
}

export const shuttingDown = (): Refused => new Refused('FATAL', '57P01', 'terminating connection due to administrator command')

/** The statement cannot be answered over shards without risking a wrong answer. */
export const unsupported = (what: string): Refused => new Refused('ERROR', '0A000', what)
