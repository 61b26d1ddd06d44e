/** Reasons to stop what a client has asked for, of which nobody has to be told. */

/** There is nobody to answer any more. */
export class ClientGone extends Error {
  constructor() {
    super('the client has gone')
    this.name = 'ClientGone'
  }
}

/** The client has been told of the error; what belongs together with the statement is not to go on. */
export class AlreadyTold extends Error {
  constructor() {
    super('the statement has failed, and the client knows')
    this.name = 'AlreadyTold'
  }
}
