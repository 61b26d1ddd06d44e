/** The options of a COPY, as far as they tell how its rows are written. */
import type { Node } from '../sql/syntax.ts'
import { unsupported } from '../refused.ts'

export type Copy = Extract<Node, { CopyStmt: unknown }>['CopyStmt']

export interface CopyFormat {
  readonly format: 'text' | 'csv' | 'binary'
  readonly delimiter: string
  readonly nullText: string
  readonly quote: string
  readonly escape: string
  readonly header: boolean
  readonly encoding: string | null
}

/** Throws a Refused for what cannot be read here. */
export function formatOf({ options }: Copy): CopyFormat {
  const given = new Map(
    (options ?? []).flatMap((option) => ('DefElem' in option ? [[option.DefElem.defname ?? '', valueOf(option.DefElem.arg)]] : [])),
  )
  const format = given.get('format') ?? 'text'
  if (format !== 'text' && format !== 'csv' && format !== 'binary')
    throw unsupported(`COPY in the format ${format} is not possible in a sharded database`)
  const csv = format === 'csv'
  const quote = given.get('quote') ?? '"'
  return {
    format,
    delimiter: given.get('delimiter') ?? (csv ? ',' : '\t'),
    nullText: given.get('null') ?? (csv ? '' : '\\N'),
    quote,
    escape: given.get('escape') ?? quote,
    header: given.has('header') && !/^(?:false|off|0)$/i.test(given.get('header') ?? ''),
    encoding: given.get('encoding') ?? null,
  }
}

function valueOf(node: Node | undefined): string {
  if (!node) return 'true'
  if ('String' in node) return node.String.sval ?? ''
  if ('Integer' in node) return String(node.Integer.ival ?? 0)
  return 'Boolean' in node ? String(node.Boolean.boolval ?? false) : 'true'
}
