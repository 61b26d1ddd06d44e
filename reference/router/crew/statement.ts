/** Runs one statement of a simple query, wherever it has to run. */
import { runCopy } from '../copy/copy.ts'
import { unsupported } from '../refused.ts'
import type { Analysis } from '../routing/analysis.ts'
import { noValues } from '../routing/route.ts'
import type { Branch } from './branch.ts'
import { control, inFailed, mayFollowFailure } from './control.ts'
import { passCopyIn } from './copy-through.ts'
import type { Crew } from './crew.ts'
import { AlreadyTold } from './endings.ts'
import { deallocate, executed, prepare } from './prepared.ts'
import { define } from './define.ts'
import { runRows } from './rows.ts'
import { runEverywhere, runSeveral } from './several.ts'

/** Throws a Refused; what the server says against it is passed on, and fails the transaction. */
export async function runStatement(crew: Crew, analysis: Analysis): Promise<void> {
  const { kind, parsed } = analysis
  crew.about(analysis)
  if (crew.transaction?.failed && !mayFollowFailure(parsed)) throw inFailed()
  switch (kind) {
    case 'transaction':
      return control(crew, parsed)
    case 'session':
      return runSession(crew, analysis)
    case 'read':
    case 'write':
      return runQuery(crew, analysis)
    case 'home':
      return runOn(crew, analysis, 0)
    case 'ddl':
    case 'maintenance':
      return define(crew, analysis)
    case 'explain':
    case 'cursor':
      return runWrapped(crew, analysis)
    case 'fetch':
      return runFetch(crew, analysis)
    case 'copy':
      return runCopy(crew, analysis)
    case 'prepare':
      return prepare(crew, analysis)
    case 'execute':
      return runStatement(crew, await executed(crew, analysis))
    case 'deallocate':
      return deallocate(crew, analysis)
  }
}

async function runQuery(crew: Crew, analysis: Analysis): Promise<void> {
  const route = crew.route(analysis, noValues)
  const input = { analysis, values: noValues, bind: null, types: [], results: [0] }
  switch (route.kind) {
    case 'any':
      return runOn(crew, analysis, crew.anyShard())
    case 'one':
      return runOn(crew, analysis, route.shard)
    case 'several':
      return runSeveral(crew, input, route.shards)
    case 'rows':
      return runRows(crew, input, route.rows)
    case 'everywhere':
      return runEverywhere(crew, input)
  }
}

/** EXPLAIN and DECLARE: one shard has to know the whole answer. */
async function runWrapped(crew: Crew, analysis: Analysis): Promise<void> {
  const route = crew.route(analysis, noValues)
  if (route.kind !== 'any' && route.kind !== 'one')
    throw unsupported(`${analysis.kind.toUpperCase()} of what several shards answer is not possible`)
  await runOn(crew, analysis, route.kind === 'one' ? route.shard : crew.anyShard())
}

/** A cursor is where the transaction is; with several servers nobody could tell which. */
async function runFetch(crew: Crew, analysis: Analysis): Promise<void> {
  const branches = crew.transaction?.branches ?? []
  if (branches.length > 1) throw unsupported('a cursor cannot be used in a transaction on several shards')
  await runOn(crew, analysis, crew.anyShard())
}

export async function runOn(crew: Crew, analysis: Analysis, shard: number): Promise<void> {
  const branch = await crew.within(false).join(shard)
  branch.wrote ||= !analysis.readOnly
  await ask(crew, branch, analysis.parsed.text)
}

/** Passes one server's answer on. Settles when it is complete; a server's error fails the transaction. */
async function ask(crew: Crew, branch: Branch, text: string): Promise<void> {
  branch.sink = crew.pass
  branch.start(text)
  await branch.quiet()
  if (branch.connection.replies.copyIn) await passCopyIn(crew, branch)
  if (branch.error) throw new AlreadyTold()
}

/** One server answers; in a transaction all that take part hear it, and those who join later. */
async function runSession(crew: Crew, analysis: Analysis): Promise<void> {
  const transaction = crew.within(false)
  const { text } = analysis.parsed
  const [first, ...others] = transaction.branches.length > 0 ? transaction.branches : [await transaction.join(crew.anyShard())]
  if (!first) return
  await ask(crew, first, text)
  await first.restore(crew.options.deadlineMs)
  crew.checkQuoting()
  const isShow = 'VariableShowStmt' in analysis.parsed.node
  if (isShow) return
  await crew.everyBranch(others, text)
  transaction.note(text)
}
