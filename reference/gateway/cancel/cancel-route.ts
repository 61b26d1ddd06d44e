/** Where a cancel request has to go: the pooler of the session, and the key by which that knows it. */

export interface CancelRoute {
  /** Name of its address. */
  readonly pooler: string
  /** The pooler's own key; it never leaves the gateway. */
  readonly processId: number
  readonly secret: Buffer
  readonly tenant: string
  /** Of the session, for the log. */
  readonly session: string
}
