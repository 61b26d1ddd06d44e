/** COPY of a sharded database: rows that come in go each to its shard, rows that go out come from all. */
import { unsupported } from '../refused.ts'
import { readKey } from '../routing/keys.ts'
import type { Analysis } from '../routing/analysis.ts'
import type { Tables, ShardedTable } from '../schema/tables.ts'
import type { Crew } from '../crew/crew.ts'
import { AlreadyTold } from '../crew/endings.ts'
import { runOn } from '../crew/statement.ts'
import { Refused } from '../refused.ts'
import { binarySplitter } from './binary.ts'
import { copyInto } from './copy-in.ts'
import { copyOut } from './copy-out.ts'
import { formatOf, type Copy, type CopyFormat } from './format.ts'
import { lineSplitter } from './splitter.ts'

export async function runCopy(crew: Crew, analysis: Analysis): Promise<void> {
  const { node } = analysis.parsed
  if (!('CopyStmt' in node)) throw new RangeError('not a COPY')
  const copy = node.CopyStmt
  if (copy.filename !== undefined || copy.is_program)
    throw unsupported('COPY with files or programs of a server is not possible in a sharded database')
  const tables = await crew.domain.book.tables()
  if (copy.query) return copyQuery(crew, analysis)
  const placement = tables.place(copy.relation?.schemaname, copy.relation?.relname ?? '')
  if (placement.kind === 'view') throw unsupported('COPY of a view over sharded tables is not possible')
  if (placement.kind === 'home') return runOn(crew, analysis, 0)
  if (!copy.is_from) return placement.kind === 'sharded' ? copyOut(crew, analysis, formatOf(copy)) : runOn(crew, analysis, crew.anyShard())
  const choose = placement.kind === 'sharded' ? chooserOf(crew, copy, placement.table, tables) : null
  await copyInto(crew, analysis, splitterOf(copy, choose?.place ?? 0), choose?.shardOf ?? null)
  if (crew.transaction?.failed) throw new AlreadyTold()
}

/** COPY (SELECT …) TO: one shard has to know all of it. */
async function copyQuery(crew: Crew, analysis: Analysis): Promise<void> {
  const { node, text } = analysis.parsed
  const inner = 'CopyStmt' in node ? node.CopyStmt.query : undefined
  const read = inner && (await crew.domain.book.understand({ node: inner, text, start: 0, lead: '' }))
  const route = read && crew.route(read, () => null)
  if (route?.kind !== 'any' && route?.kind !== 'one') throw unsupported('COPY of a query that several shards answer is not possible')
  await runOn(crew, analysis, route.kind === 'one' ? route.shard : crew.anyShard())
}

interface Chooser {
  /** Of the key among the columns copied. */
  readonly place: number
  readonly shardOf: (value: Buffer | null) => number
}

function chooserOf(crew: Crew, copy: Copy, table: ShardedTable, tables: Tables): Chooser {
  const { name, column, type } = table
  const listed = copy.attlist?.map((item) => ('String' in item ? item.String.sval : undefined))
  const all = tables.catalogue.columns.get(copy.relation?.relname ?? '')?.filter(({ generated }) => !generated)
  const place = (listed ?? all?.map((one) => one.name))?.indexOf(column) ?? -1
  if (place < 0) throw unsupported(`COPY into ${name} needs its sharding key ${column}`)
  const { context } = crew
  const { format, encoding } = formatOf(copy)
  const plainText = encoding === null ? context.plainText : /^utf-?8$/i.test(encoding)
  return {
    place,
    shardOf(value) {
      if (value === null) throw new Refused('ERROR', '23502', `null value in the sharding key ${column} of ${name}`)
      const raw = format === 'binary' ? ({ form: 'binary', bytes: value, oid: 0 } as const) : ({ form: 'text', bytes: value } as const)
      const key = readKey(raw, type, plainText)
      if (typeof key === 'string')
        throw new Refused('ERROR', '22P02', `the value for the sharding key ${column} of ${name} is not a ${type} that can be routed`)
      return context.shardOf(key, context.shards)
    },
  }
}

function splitterOf(copy: Copy, place: number): { format: CopyFormat; splitter: ReturnType<typeof lineSplitter> } {
  const format = formatOf(copy)
  return { format, splitter: format.format === 'binary' ? binarySplitter(place) : lineSplitter(format, place) }
}
