/** Reads what matters to the router out of the answers that pass to a client. */
import { decodeBackend, decodeFields, type Frame } from '../../wire/index.ts'
import { completeDeallocation } from './extended.ts'
import { tagOf } from './forward.ts'
import type { Hold } from './hold.ts'
import type { ClientStatements } from './statements.ts'

/** Statements prepared by SQL live in one server session: while there are any, the client keeps its connection. */
export function noteCompletion(frame: Frame, hold: Hold, statements: ClientStatements): void {
  const first = frame.body[0]
  if (first !== 0x50 && first !== 0x44) return
  const tag = tagOf(frame)
  if (tag === 'PREPARE') hold.prepared++
  else if (tag === 'DEALLOCATE') noteDeallocation(hold, statements)
  else if (tag === 'DEALLOCATE ALL' || tag === 'DISCARD ALL') {
    hold.prepared = 0
    statements.clear()
    hold.connection.statements.clear()
  }
}

function noteDeallocation(hold: Hold, statements: ClientStatements): void {
  const byProtocol = hold.deallocating.shift()
  if (byProtocol) completeDeallocation(hold, statements, byProtocol)
  else hold.prepared = Math.max(0, hold.prepared - 1)
}

/** Parameters the server reports are known to have changed, however that came about. */
export function noteReport(frame: Frame, hold: Hold): void {
  const status = decodeBackend(frame)
  if (status.kind === 'parameter-status') hold.touched.add(status.name.toLowerCase())
}

export interface ReadError {
  readonly sqlstate: string
  readonly fatal: boolean
}

export function readError(frame: Frame): ReadError {
  const fields = decodeFields(frame.body)
  const severity = fields.get('V') ?? fields.get('S')
  return { sqlstate: fields.get('C') ?? 'XX000', fatal: severity === 'FATAL' || severity === 'PANIC' }
}

const serverName = /orochi_[0-9a-f]{40}/

/** The message with the server's name of a statement replaced by the one the client gave it. */
export function withClientNames(message: Buffer, clientNameOf: (serverName: string) => string | null): Buffer {
  if (!message.includes('orochi_')) return message
  const text = message.toString('latin1', 5)
  const found = serverName.exec(text)?.[0]
  const clientName = found === undefined ? null : clientNameOf(found)
  if (found === undefined || clientName === null) return message
  const renamed = Buffer.concat([
    message.subarray(0, 5),
    Buffer.from(
      text.replaceAll(found, () => clientName),
      'latin1',
    ),
  ])
  renamed.writeInt32BE(renamed.length - 1, 1)
  return renamed
}
