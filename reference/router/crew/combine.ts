/** One SELECT on several shards whose rows have to be put together: they are gathered, and one server makes the answer of them. */
import { backendType, decodeBackend, encodeBackend, encodeFrontend, frameOf, type Column } from '../../wire/index.ts'
import { arrayOf, checkColumn, firstUserType, type GatheredColumn } from '../merge/arrays.ts'
import { planMerge, type MergePlan } from '../merge/plan.ts'
import { RefusedByServer, unsupported } from '../refused.ts'
import type { ReadShape } from '../routing/read-shape.ts'
import type { Branch } from './branch.ts'
import type { Crew } from './crew.ts'
import { AlreadyTold } from './endings.ts'
import { describeStatement, type Described } from './describe.ts'
import { withFormats } from './portal.ts'
import { gather } from './gather.ts'
import type { Input } from './several.ts'
import { parseBytes } from './values.ts'

export async function combineSelect(crew: Crew, input: Input, branches: readonly Branch[], shape: ReadShape): Promise<void> {
  const [first] = branches
  if (!first) throw new RangeError('no shard to ask')
  const whole = await describeStatement(first, shape.parsed.text, input.types)
  if (whole.columns.length === 0) throw unsupported('rows without columns cannot be put together from several shards')
  const plan = await planFor(crew, shape, whole.columns)
  const typed = { ...input, types: whole.types }
  const part = await describeStatement(first, plan.partial, whole.types)
  const columns = await gatheredColumns(first, part, crew.options.deadlineMs)
  const results = columns.map(({ binary }) => (binary ? 1 : 0))
  const gathered = await gather(crew, { ...typed, results }, branches, () => plan.partial)
  const rows = [...gathered.rows.values()].flat().map(valuesIn)
  await answer(crew, typed, first, { plan, columns, rows, whole: whole.columns })
}

async function planFor(crew: Crew, shape: ReadShape, columns: readonly Column[]): Promise<MergePlan> {
  const { catalogue } = await crew.domain.book.tables()
  const answer = columns.map(({ name, type }) => ({ name, type }))
  return planMerge(shape, answer, { oneCollation: catalogue.oneCollation, aggregates: catalogue.aggregates, isInput: shape.isInput })
}

/** Asks for the array types of the columns; the server's own types travel in binary form, which no setting changes. */
async function gatheredColumns(branch: Branch, { columns }: Described, deadlineMs: number): Promise<GatheredColumn[]> {
  const types = [...new Set(columns.map(({ type }) => type))]
  const { rows, error } = await branch.run(`SELECT oid, typarray FROM pg_catalog.pg_type WHERE oid IN (${types.join(', ')})`, deadlineMs)
  if (error) throw new RefusedByServer(error)
  const arrays = new Map(rows.map(([oid, array]) => [Number(oid), Number(array)]))
  return columns.map(({ type }) => {
    const column = { type, arrayType: arrays.get(type) ?? 0, binary: type < firstUserType }
    checkColumn(column)
    return column
  })
}

function valuesIn(row: Buffer): readonly (Buffer | null)[] {
  const message = decodeBackend(frameOf(row))
  return message.kind === 'data-row' ? message.values : []
}

interface Parts {
  readonly plan: MergePlan
  readonly columns: readonly GatheredColumn[]
  readonly rows: readonly (readonly (Buffer | null)[])[]
  readonly whole: readonly Column[]
}

/** One server puts the rows together, as if they were a table of its own. */
async function answer(crew: Crew, input: Input, branch: Branch, { plan, columns, rows, whole }: Parts): Promise<void> {
  const given = input.types.length
  const names = columns.map((_, i) => `p${i + 1}`).join(', ')
  const from = `ROWS FROM (${columns.map((_, i) => `pg_catalog.unnest($${given + i + 1})`).join(', ')}) AS parts (${names})`
  const text = plan.combine(
    from,
    columns.map(({ type }) => type),
  )
  const types = [...input.types, ...columns.map(({ arrayType }) => arrayType)]
  const described = await describeStatement(branch, text, types)
  const same = described.columns.length === whole.length && described.columns.every(({ type }, i) => type === whole[i]?.type)
  if (!same) throw unsupported('the types of this SELECT cannot be kept over several shards')
  if (!input.described) crew.say(encodeBackend({ kind: 'row-description', columns: withFormats(whole, input.results) }))
  const formats = [...expanded(input.bind?.formats ?? [], given), ...columns.map(({ binary }) => (binary ? 1 : 0))]
  const values = [
    ...(input.bind?.values ?? []),
    ...columns.map((column, i) =>
      arrayOf(
        rows.map((row) => row[i] ?? null),
        column,
      ),
    ),
  ]
  const { rowDescription, bindComplete, parseComplete } = backendType
  const inner: ReadonlySet<number> = new Set([rowDescription, bindComplete, parseComplete])
  branch.sink = (frame) => inner.has(frame.type) || crew.pass(frame)
  branch.error = null
  branch.send('parse', parseBytes(text, types))
  branch.send('bind', encodeFrontend({ kind: 'bind', portal: '', statement: '', formats, values, results: input.results }))
  branch.send('execute', encodeFrontend({ kind: 'execute', portal: '', limit: 0 }))
  branch.send('sync', encodeFrontend({ kind: 'sync' }))
  await branch.quiet()
  branch.sink = crew.pass
  if (branch.error) throw new AlreadyTold()
}

/** One format for all, or none, written out for each parameter. */
const expanded = (formats: readonly number[], count: number): number[] =>
  Array.from({ length: count }, (_, i) => (formats.length === 1 ? formats[0] : formats[i]) ?? 0)
