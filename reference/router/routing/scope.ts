/** The tables a statement reads, level by level, and which of them a column name means. */
import type { Placement, Tables } from '../schema/tables.ts'
import type { Node } from '../sql/syntax.ts'
import { namesOf } from '../sql/syntax.ts'

/** One entry of a FROM clause: a table, or something that gives rows like one. */
export interface Source {
  readonly alias: string
  readonly table: string | null
  /** Null for sub-selects, functions and the like. */
  readonly placement: Placement | null
  /** It stands in a sub-select of an expression, not in a chain of FROM clauses. */
  readonly inExpression: boolean
  /** Its rows are spread over the shards. */
  readonly distributed: boolean
  /** Columns of a sub-select that are columns of sources below it; null when nobody knows what columns there are. */
  readonly outputs: ReadonlyMap<string, Column | null> | null
  /** Stands for all columns of this source. */
  readonly passes: Source | null
}

/** `via` is the source at the level where it was written, `of` the table it comes from. */
export interface Column {
  readonly via: Source
  readonly of: Source
  readonly name: string
}

export interface Level {
  readonly parent: Level | null
  readonly sources: Source[]
  /** Columns that USING has made one: the side that counts. */
  readonly merged: Map<string, Source>
  /** NATURAL: nobody knows which columns are one. */
  unclear: boolean
}

export const openLevel = (parent: Level | null): Level => ({ parent, sources: [], merged: new Map(), unclear: false })

export const isKey = ({ of, name }: Column): boolean => of.placement?.kind === 'sharded' && of.placement.table.column === name

export class Names {
  readonly #tables: Tables

  constructor(tables: Tables) {
    this.#tables = tables
  }

  /** Null when it is no column, or when it cannot be told which. */
  resolve(node: Node | undefined, level: Level): Column | null {
    if (!node || !('ColumnRef' in node)) return null
    const names = namesOf(node.ColumnRef.fields)
    if (!names || names.length === 0 || names.length > 3) return null
    const column = names.at(-1) ?? ''
    return names.length === 1 ? this.#byName(column, level) : this.#byAlias(names.at(-2) ?? '', column, level)
  }

  #byAlias(alias: string, column: string, level: Level): Column | null {
    for (let at: Level | null = level; at; at = at.parent) {
      const source = at.sources.find((one) => one.alias === alias)
      if (source) return columnOf(source, column)
    }
    return null
  }

  #byName(column: string, level: Level): Column | null {
    for (let at: Level | null = level; at; at = at.parent) {
      if (at.unclear) return null
      const merged = at.merged.get(column)
      if (merged) return columnOf(merged, column)
      const [only] = at.sources
      if (!at.parent && at.sources.length === 1 && only) return columnOf(only, column)
      const having = at.sources.map((source) => ({ source, has: this.#has(source, column) }))
      if (having.some(({ has }) => has === null)) return null
      const found = having.filter(({ has }) => has)
      if (found.length > 1) return null
      if (found[0]) return columnOf(found[0].source, column)
    }
    return null
  }

  #has(source: Source, column: string): boolean | null {
    if (source.passes) return this.#has(source.passes, column)
    if (source.outputs) return source.outputs.has(column)
    if (source.placement?.kind === 'sharded' && source.placement.table.column === column) return true
    return source.table === null ? null : this.#tables.hasColumn(source.table, column)
  }
}

function columnOf(via: Source, name: string): Column | null {
  let below: Source = via
  while (below.passes) below = below.passes
  if (!below.outputs) return { via, of: below, name }
  const inner = below.outputs.get(name)
  return inner ? { via, of: inner.of, name: inner.name } : null
}
