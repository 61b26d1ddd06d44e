/** INSERT of rows for several shards: each shard gets its own rows, in one transaction. */
import { encodeBackend } from '../../wire/index.ts'
import type { Branch } from './branch.ts'
import type { Crew } from './crew.ts'
import { describeStatement } from './describe.ts'
import { gather, sumOfTags, type Gathered } from './gather.ts'
import { withFormats } from './portal.ts'
import type { Input } from './several.ts'

type Places = ReadonlyMap<number, readonly number[]>

/** `rows`: places of the rows in the list, by shard. */
export async function runRows(crew: Crew, input: Input, rows: Places): Promise<void> {
  const { insert, parsed } = input.analysis
  if (!insert?.rows) throw new RangeError('not an INSERT of rows')
  const shares = crew.options.pieces.splitRows(rows)
  const branches = await crew.within(true).joinAll([...shares.keys()])
  const [first] = branches
  if (!first) return
  // A parameter that stands in rows of other shards only has no type here unless it is told.
  const { types, columns, hasRows } = await describeStatement(first, parsed.text, input.types)
  const texts = insert.rows.map(({ text }) => text)
  const textFor = ({ shard }: Branch): string =>
    insert.before + (shares.get(shard) ?? []).map((place) => texts[place]).join(', ') + insert.after
  const gathered = await gather(crew, { ...input, types }, branches, textFor)
  if (hasRows) {
    if (!input.described) crew.say(encodeBackend({ kind: 'row-description', columns: withFormats(columns, input.results) }))
    for (const row of inOrder(gathered, branches, shares)) crew.say(row)
  }
  crew.complete(sumOfTags(gathered.tags))
}

/** RETURNING gives rows in the order they were written, as one server would, unless some were left out. */
function inOrder({ rows }: Gathered, branches: readonly Branch[], shares: Places): readonly Buffer[] {
  const complete = branches.every((branch) => rows.get(branch)?.length === shares.get(branch.shard)?.length)
  if (!complete) return branches.flatMap((branch) => rows.get(branch) ?? [])
  const placed = branches.flatMap((branch) =>
    (shares.get(branch.shard) ?? []).map((place, i) => ({ place, row: rows.get(branch)?.[i] ?? Buffer.alloc(0) })),
  )
  return placed.toSorted((a, b) => a.place - b.place).map(({ row }) => row)
}
