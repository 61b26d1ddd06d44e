/** A bound statement that no single server holds: the router describes and executes it. */
import { backendType, decodeBackend, encodeBackend, encodeFrontend, type Column, type Frame } from '../../wire/index.ts'
import { unsupported } from '../refused.ts'
import type { Analysis } from '../routing/analysis.ts'
import type { Route } from '../routing/route.ts'
import type { Branch } from './branch.ts'
import type { Crew } from './crew.ts'
import { runEverywhere, runRows, runSeveral, type Input } from './several.ts'
import { runStatement } from './statement.ts'
import { parseBytes, valuesOf, type BindMessage } from './values.ts'

export interface Portal {
  readonly analysis: Analysis
  readonly route: Route
  readonly types: readonly number[]
  readonly bind: BindMessage
  /** The server that holds it. */
  branch: Branch | null
  described: boolean
}

/** Statements the router runs itself: no server is to parse them first. */
export const isOwn = ({ kind }: Analysis): boolean => !['read', 'write', 'home', 'explain', 'cursor', 'fetch'].includes(kind)

export async function executePortal(crew: Crew, portal: Portal, limit: number): Promise<void> {
  const { analysis, route, bind, types } = portal
  if (isOwn(analysis)) return runStatement(crew, analysis)
  if (limit > 0) throw unsupported('rows of several shards cannot be fetched a few at a time')
  crew.readOnly = analysis.readOnly
  const input: Input = { analysis, values: valuesOf(bind, types), bind, types, results: bind.results, described: true }
  if (route.kind === 'several') return runSeveral(crew, input, route.shards)
  if (route.kind === 'rows') return runRows(crew, input, route.rows)
  return runEverywhere(crew, input)
}

/** One server tells what the rows look like; the formats are those that were bound. */
export async function describePortal(crew: Crew, portal: Portal, join: () => Promise<Branch>): Promise<void> {
  if (isOwn(portal.analysis)) {
    const isShow = 'VariableShowStmt' in portal.analysis.parsed.node || 'SelectStmt' in portal.analysis.parsed.node
    if (!isShow) return crew.say(encodeBackend({ kind: 'no-data' }))
  }
  const branch = await join()
  const columns = await columnsOf(branch, portal.analysis.parsed.text, portal.types)
  portal.described = true
  if (columns === null) return crew.say(encodeBackend({ kind: 'no-data' }))
  crew.say(encodeBackend({ kind: 'row-description', columns: withFormats(columns, portal.bind.results) }))
}

export function withFormats(columns: readonly Column[], results: readonly number[]): Column[] {
  return columns.map((column, i) => ({ ...column, format: (results.length === 1 ? results[0] : results[i]) ?? 0 }))
}

const describeStatement = encodeFrontend({ kind: 'describe', target: 'statement', name: '' })

/** The columns of a statement as a server sees them; null when it gives no rows. The server waits for a Sync afterwards if it refuses. */
async function columnsOf(branch: Branch, text: string, types: readonly number[]): Promise<readonly Column[] | null> {
  let columns: readonly Column[] | null = null
  const receive = (frame: Frame): void => {
    const message = frame.type === backendType.rowDescription ? decodeBackend(frame) : null
    if (message?.kind === 'row-description') columns = message.columns
  }
  branch.connection.statements.unnamed = branch
  branch.send('parse', parseBytes(text, types), () => {})
  branch.send('describe', describeStatement, receive)
  branch.flushServer()
  await branch.answered()
  return columns
}
