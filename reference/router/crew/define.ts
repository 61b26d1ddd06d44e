/** Definitions: done on every shard, together where that is possible, and then everybody has to look anew. */
import type { Analysis } from '../routing/analysis.ts'
import type { Crew } from './crew.ts'
import { AlreadyTold } from './endings.ts'
import { runOn } from './statement.ts'

export async function define(crew: Crew, analysis: Analysis): Promise<void> {
  const { book, allShards } = crew.domain
  try {
    if (!(await concernsKnown(crew, analysis))) await runOn(crew, analysis, 0)
    else if (analysis.kind === 'maintenance' && !crew.transaction) await maintain(crew, analysis)
    else await together(crew, analysis, allShards)
  } finally {
    book.forget()
  }
}

/** What is dropped or altered may be a temporary table, which only shard 0 has. */
async function concernsKnown(crew: Crew, { parsed: { node } }: Analysis): Promise<boolean> {
  const { columns } = (await crew.domain.book.tables()).catalogue
  const relation = (Object.values(node)[0] as { relation?: { relname?: string } }).relation?.relname
  if (relation !== undefined && !('CreateStmt' in node)) return columns.has(relation)
  if (!('DropStmt' in node) || node.DropStmt.removeType !== 'OBJECT_TABLE' || node.DropStmt.missing_ok) return true
  const named = (node.DropStmt.objects ?? []).flatMap((object) => ('List' in object ? [object.List.items?.at(-1)] : []))
  return named.some((item) => item && 'String' in item && columns.has(item.String.sval ?? ''))
}

async function together(crew: Crew, { parsed }: Analysis, shards: readonly number[]): Promise<void> {
  const branches = await crew.within(true).joinAll(shards)
  const [first, ...others] = branches
  for (const branch of branches) branch.wrote = true
  if (!first) return
  await first.query(parsed.text)
  if (first.error) throw new AlreadyTold()
  await crew.everyBranch(others, parsed.text)
}

/** Statements that no transaction can hold, one shard after the other. */
async function maintain(crew: Crew, { parsed }: Analysis): Promise<void> {
  const [first, ...others] = await crew.within(false).joinAll(crew.domain.allShards)
  if (!first) return
  await first.query(parsed.text)
  if (first.error) throw new AlreadyTold()
  await crew.everyBranch(others, parsed.text)
}
