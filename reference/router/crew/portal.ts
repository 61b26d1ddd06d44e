/** A bound statement that no single server holds: the router describes and executes it. */
import { backendType, encodeBackend, type Column } from '../../wire/index.ts'
import { unsupported } from '../refused.ts'
import type { Analysis } from '../routing/analysis.ts'
import type { Route } from '../routing/route.ts'
import type { Branch } from './branch.ts'
import type { Crew } from './crew.ts'
import { runRows } from './rows.ts'
import { runEverywhere, runSeveral, type Input } from './several.ts'
import { runStatement } from './statement.ts'
import { handOut, keepRows, type Kept } from './fetch.ts'
import { describeStatement, type Described } from './describe.ts'
import { inlined, valuesOf, type BindMessage } from './values.ts'

export interface Portal {
  readonly analysis: Analysis
  readonly route: Route
  readonly types: readonly number[]
  readonly bind: BindMessage
  /** The server that holds it. */
  branch: Branch | null
  described: boolean
  /** Rows that are fetched a few at a time. */
  kept: Kept | null
}

/** Statements the router runs itself: no server is to parse them first. */
export const isOwn = ({ kind }: Analysis): boolean => !['read', 'write', 'home', 'explain', 'cursor', 'fetch'].includes(kind)

export async function executePortal(crew: Crew, portal: Portal, limit: number): Promise<void> {
  const { analysis, route, bind, types } = portal
  if (analysis.kind === 'copy') throw unsupported('COPY of a sharded database is possible as a simple query only')
  if (analysis.kind === 'execute') throw unsupported('EXECUTE in a sharded database is possible as a simple query only')
  if (isOwn(analysis)) return runOwn(crew, analysis, bind)
  crew.about(analysis)
  const input: Input = { analysis, values: valuesOf(bind, types), bind, types, results: bind.results, described: true }
  const fetches = (limit > 0 || portal.kept !== null) && analysis.readOnly
  if (route.kind === 'several' && fetches) {
    portal.kept ??= await keepRows(crew, () => runSeveral(crew, input, route.shards))
    return handOut(crew, portal.kept, limit)
  }
  if (limit > 0) throw unsupported('rows that several shards write cannot be fetched a few at a time')
  if (route.kind === 'several') return runSeveral(crew, input, route.shards)
  if (route.kind === 'rows') return runRows(crew, input, route.rows)
  return runEverywhere(crew, input)
}

/** The description of the rows has been asked for, or is not wanted. */
async function runOwn(crew: Crew, analysis: Analysis, bind: BindMessage): Promise<void> {
  const { pass } = crew
  if (bind.results.includes(1)) throw unsupported('results in binary format are not possible for this statement in a sharded database')
  const text = inlined(analysis.parsed.text, bind)
  crew.pass = (frame) => frame.type === backendType.rowDescription || pass(frame)
  try {
    await runStatement(crew, { ...analysis, parsed: { ...analysis.parsed, text } })
  } finally {
    crew.pass = pass
  }
}

/** One server tells what the rows look like; the formats are those that were bound. */
export async function describePortal(crew: Crew, portal: Portal): Promise<void> {
  const { columns, hasRows } = await describe(crew, portal.analysis, portal.types)
  portal.described = true
  if (!hasRows) return crew.say(encodeBackend({ kind: 'no-data' }))
  crew.say(encodeBackend({ kind: 'row-description', columns: withFormats(columns, portal.bind.results) }))
}

/** A prepared statement that the router runs itself. */
export async function describeOwn(crew: Crew, analysis: Analysis, declared: readonly number[]): Promise<void> {
  const { columns, types, hasRows } = await describe(crew, analysis, declared)
  crew.say(encodeBackend({ kind: 'parameter-description', types }))
  crew.say(hasRows ? encodeBackend({ kind: 'row-description', columns }) : encodeBackend({ kind: 'no-data' }))
}

/** Only reading a parameter, or setting one by a SELECT, gives rows; nobody needs to be asked about the rest. */
async function describe(crew: Crew, analysis: Analysis, types: readonly number[]): Promise<Described> {
  const { node, text } = analysis.parsed
  const asks = !isOwn(analysis) || 'VariableShowStmt' in node || 'SelectStmt' in node
  if (!asks) return { columns: [], types: [], hasRows: false }
  crew.about(analysis)
  return describeStatement(await crew.within(false).join(crew.anyShard()), text, types)
}

export function withFormats(columns: readonly Column[], results: readonly number[]): Column[] {
  return columns.map((column, i) => ({ ...column, format: (results.length === 1 ? results[0] : results[i]) ?? 0 }))
}
