/** What the codec throws when the peer breaks the protocol; the connection it came from cannot be used any further. */

export type ViolationReason =
  | 'bad-length' // a length that cannot be (too small, negative)
  | 'too-large' // a length above the cap of the receiver
  | 'truncated' // the body ends before its own fields do
  | 'trailing-bytes' // the body goes on after its last field
  | 'unterminated' // a string without its final NUL
  | 'bad-encoding' // text that is not UTF-8 where UTF-8 is demanded
  | 'bad-value' // a field with a value the protocol does not know
  | 'unknown-type' // a message letter the protocol does not know
  | 'bad-scram' // a SCRAM message that breaks RFC 5802

/** SQLSTATE is always 08P01; the message names no content sent by the peer, so it may be logged and sent. */
export class ProtocolViolation extends Error {
  readonly reason: ViolationReason
  readonly sqlstate = '08P01'

  constructor(reason: ViolationReason, message: string) {
    super(message)
    this.name = 'ProtocolViolation'
    this.reason = reason
  }
}
