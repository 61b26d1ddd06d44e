/** Sends Parse, Bind, Describe, Close and Execute on, with statement names as the server knows them, preparing there what it does not know yet. */
import { backendType, encodeFrontend, frontendType, statementNameOf, withStatementName, type Frame } from '../../wire/index.ts'
import type { Pieces } from '../pieces.ts'
import type { WantKind } from '../server/replies.ts'
import { effectsOf, type Effects } from '../sql/effects.ts'
import { quotedName } from '../sql/literal.ts'
import type { Hold } from './hold.ts'
import type { ClientStatements, Deallocation, Statement } from './statements.ts'

/** Statements a server session may hold; the least recently used one makes room. */
const mostOnServer = 250

export interface Extended {
  readonly hold: Hold
  readonly statements: ClientStatements
  readonly statementName: Pieces['statementName']
  /** Everything besides its text that decides what a statement means now. */
  readonly meaning: () => string
  readonly note: (effects: Effects) => void
  /** Takes answers for the client. */
  readonly receive: (frame: Frame) => void
}

const kinds: ReadonlyMap<number, WantKind> = new Map([
  [frontendType.parse, 'parse'],
  [frontendType.bind, 'bind'],
  [frontendType.describe, 'describe'],
  [frontendType.close, 'close'],
  [frontendType.execute, 'execute'],
])

export function forwardExtended(x: Extended, frame: Frame): void {
  const name = statementNameOf(frame)
  if (name === null) send(x, frame.type, frame.bytes)
  else if (frame.type === frontendType.parse) forwardParse(x, frame, name)
  else if (frame.type === frontendType.close) forwardClose(x, frame, name)
  else forwardUse(x, frame, name)
}

function forwardParse(x: Extended, frame: Frame, clientName: string): void {
  const statement = readStatement(x, frame, clientName)
  x.note(statement.effects)
  if (clientName === '') return parseUnnamed(x, statement)
  const known = x.statements.get(clientName)
  // The server itself must refuse the second one, so that it skips to Sync and the transaction fails.
  if (known) return send(x, frontendType.parse, parseMessage(prepareOnServer(x, known), statement.parse))
  return parseNamed(x, statement)
}

function readStatement(x: Extended, frame: Frame, clientName: string): Statement {
  const parse = Buffer.from(frame.body.subarray(clientName.length + 1))
  const text = parse.toString('latin1', 0, Math.max(0, parse.indexOf(0)))
  const effects = effectsOf(text)
  const target = effects.deallocate && x.statements.get(effects.deallocate.name)
  if (!target || !effects.deallocate) return { clientName, parse, effects, deallocates: null }
  const serverName = nameOnServer(x, target)
  const { start, end } = effects.deallocate
  const renamed = Buffer.from(text.slice(0, start) + quotedName(serverName) + text.slice(end), 'latin1')
  return {
    clientName,
    parse: Buffer.concat([renamed, parse.subarray(text.length)]),
    effects,
    deallocates: { statement: target, serverName },
  }
}

function parseUnnamed(x: Extended, statement: Statement): void {
  x.statements.unnamed = statement
  x.hold.connection.statements.unnamed = statement
  send(x, frontendType.parse, parseMessage('', statement.parse), () => {
    x.statements.unnamed = null
    x.hold.connection.statements.unnamed = null
  })
}

/** Parsed anew even where the server knows it, so that an error shows itself now, and what the server knows is not outdated. */
function parseNamed(x: Extended, statement: Statement): void {
  const onServer = x.hold.connection.statements
  const serverName = nameOnServer(x, statement)
  if (onServer.has(serverName)) closeOnServer(x, serverName)
  makeRoom(x)
  x.statements.add(statement)
  onServer.add(serverName)
  send(x, frontendType.parse, parseMessage(serverName, statement.parse), () => {
    x.statements.delete(statement.clientName)
    onServer.delete(serverName)
  })
}

/** Only the client's name goes: the server keeps the statement for others. The Close itself is answered by the server, which knows no such name. */
function forwardClose(x: Extended, frame: Frame, name: string): void {
  const known = x.statements.get(name)
  if (name === '') {
    x.statements.unnamed = null
    x.hold.connection.statements.unnamed = null
  } else x.statements.delete(name)
  send(x, frame.type, frame.bytes, () => name !== '' && known && x.statements.add(known))
}

/** Bind or Describe. A name this client has not prepared is left as it is: it may be one prepared by SQL, or the server says that there is none. */
function forwardUse(x: Extended, frame: Frame, name: string): void {
  const known = x.statements.get(name)
  if (!known) return send(x, frame.type, frame.bytes)
  if (frame.type === frontendType.bind) noteUse(x, known)
  if (name === '') prepareUnnamed(x, known)
  return send(x, frame.type, name === '' ? frame.bytes : withStatementName(frame, prepareOnServer(x, known)))
}

function noteUse(x: Extended, statement: Statement): void {
  x.note(statement.effects)
  if (!statement.deallocates) return
  prepareAs(x, statement.deallocates.statement, statement.deallocates.serverName)
  x.hold.deallocating.push(statement.deallocates)
}

function prepareUnnamed(x: Extended, statement: Statement): void {
  const onServer = x.hold.connection.statements
  if (onServer.unnamed === statement) return
  onServer.unnamed = statement
  sendSilently(x, frontendType.parse, parseMessage('', statement.parse), () => {
    onServer.unnamed = null
  })
}

/** Makes sure the server knows the statement; gives its name there. */
function prepareOnServer(x: Extended, statement: Statement): string {
  return prepareAs(x, statement, nameOnServer(x, statement))
}

function prepareAs(x: Extended, statement: Statement, serverName: string): string {
  const onServer = x.hold.connection.statements
  if (!onServer.has(serverName)) {
    makeRoom(x)
    sendSilently(x, frontendType.parse, parseMessage(serverName, statement.parse), () => onServer.delete(serverName))
  }
  onServer.add(serverName)
  return serverName
}

function makeRoom(x: Extended): void {
  const excess = x.hold.connection.statements.excess(mostOnServer)
  if (excess !== null) closeOnServer(x, excess)
}

function closeOnServer(x: Extended, serverName: string): void {
  const onServer = x.hold.connection.statements
  onServer.delete(serverName)
  const bytes = encodeFrontend({ kind: 'close', target: 'statement', name: serverName })
  sendSilently(x, frontendType.close, bytes, () => onServer.add(serverName))
}

const names = new WeakMap<Statement, { readonly meaning: string; readonly name: string }>()

function nameOnServer(x: Extended, statement: Statement): string {
  const meaning = x.meaning()
  const known = names.get(statement)
  if (known?.meaning === meaning) return known.name
  const name = x.statementName({ clientName: statement.clientName, parse: statement.parse, meaning })
  names.set(statement, { meaning, name })
  return name
}

function send(x: Extended, type: number, bytes: Buffer, undo: () => void = () => {}): void {
  x.hold.connection.send({ kind: kinds.get(type) ?? 'query', receive: x.receive, undo }, bytes)
}

const silent: ReadonlySet<number> = new Set([backendType.parseComplete, backendType.closeComplete])

/** What the router sends in between; the client hears of it only when it fails, since then its own message fails. */
function sendSilently(x: Extended, type: number, bytes: Buffer, undo: () => void): void {
  const receive = (frame: Frame): void => {
    if (!silent.has(frame.type)) x.receive(frame)
  }
  x.hold.connection.send({ kind: kinds.get(type) ?? 'query', receive, undo }, bytes)
}

/** A Parse message; the name as Latin-1. */
function parseMessage(name: string, parse: Buffer): Buffer {
  const named = Buffer.from(`${name}\0`, 'latin1')
  const header = Buffer.from('P\0\0\0\0', 'latin1')
  header.writeInt32BE(4 + named.length + parse.length, 1)
  return Buffer.concat([header, named, parse])
}

/** What this client calls a statement of the server; null when it is none of its own. */
export function clientNameOf(x: Extended, serverName: string): string | null {
  for (const statement of x.statements.all()) if (nameOnServer(x, statement) === serverName) return statement.clientName
  return null
}

/** The DEALLOCATE of a statement prepared by protocol has run. */
export function completeDeallocation(hold: Hold, statements: ClientStatements, { statement, serverName }: Deallocation): void {
  if (statements.get(statement.clientName) === statement) statements.delete(statement.clientName)
  hold.connection.statements.delete(serverName)
}
