/** Sends one message of a client to the server connection it holds. */
import { backendType, decodeBackend, frontendType, type Frame } from '../../wire/index.ts'
import { queryOf } from '../server/connection.ts'
import { effectsOf } from '../sql/effects.ts'
import { forwardExtended, type Extended } from './extended.ts'
import type { Statement } from './statements.ts'

/** True when nothing may follow until `receiveLast` has had the answer: a RESET must be made good first. */
export function forward(x: Extended, frame: Frame, receiveLast: (frame: Frame) => void): boolean {
  const { connection } = x.hold
  switch (frame.type) {
    case frontendType.query:
      return forwardQuery(x, frame, receiveLast)
    case frontendType.sync:
      connection.send({ kind: 'sync', receive: x.hold.restoreDue ? receiveLast : x.receive }, frame.bytes)
      return x.hold.restoreDue
    case frontendType.functionCall:
      connection.send({ kind: 'function', receive: x.receive }, frame.bytes)
      return false
    case frontendType.copyDone:
    case frontendType.copyFail:
      connection.send({ kind: 'copy-end', receive: x.receive }, frame.bytes)
      return false
    case frontendType.copyData:
      x.hold.insideMessage = frame.piece === 'first' || frame.piece === 'middle'
      connection.sendBare(frame.bytes)
      return false
    case frontendType.flush:
      connection.sendBare(frame.bytes)
      return false
    default:
      forwardExtended(x, frame)
      return false
  }
}

function forwardQuery(x: Extended, frame: Frame, receiveLast: (frame: Frame) => void): boolean {
  const effects = effectsOf(frame.body.toString('latin1', 0, Math.max(0, frame.body.length - 1)))
  x.note(effects)
  // A simple query drops the unnamed statement, in Postgres too.
  x.statements.unnamed = null
  x.hold.connection.statements.unnamed = null
  const target = effects.deallocate && x.statements.get(effects.deallocate.name)
  if (target) deallocate(x, target)
  else x.hold.connection.send({ kind: 'query', receive: x.hold.restoreDue ? receiveLast : x.receive }, frame.bytes)
  return x.hold.restoreDue
}

/**
 * DEALLOCATE of a statement that was prepared by protocol: the server knows it by another name and keeps it for others, so it drops one of the
 * router's instead, and refuses or answers as it would have done.
 */
function deallocate(x: Extended, statement: Statement): void {
  const receive = (frame: Frame): void => {
    if (frame.type !== backendType.commandComplete || tagOf(frame) !== 'PREPARE') x.receive(frame)
  }
  x.hold.deallocating.push({ statement, serverName: '' })
  x.hold.connection.send({ kind: 'query', receive }, queryOf('PREPARE orochi_dropped AS SELECT; DEALLOCATE orochi_dropped'))
}

export function tagOf(frame: Frame): string {
  const complete = decodeBackend(frame)
  return complete.kind === 'command-complete' ? complete.tag : ''
}
