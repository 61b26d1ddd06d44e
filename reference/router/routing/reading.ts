/** Goes through a statement and notes every table it reads or writes, and what its conditions say about keys. */
import { unsupported } from '../refused.ts'
import type { Tables } from '../schema/tables.ts'
import { namesOf, walk, type Node, type Tree } from '../sql/syntax.ts'
import { keyColumn, link, type Facts } from './facts.ts'
import { Joins } from './joins.ts'
import { readWrite } from './writing.ts'
import { isKey, Names, openLevel, type Column, type Level, type Source } from './scope.ts'
import { aggregatesIn, transparencyOf, type Select } from './shape.ts'

type Ctes = ReadonlyMap<string, { readonly node: Node; readonly ctes: Ctes; readonly names: readonly string[] }>

export class Reading {
  readonly names: Names
  readonly tables: Tables
  readonly facts: Facts = { pins: [], links: [] }
  /** Tables of every level. */
  readonly sources: Source[] = []
  /** Why the answers of several shards could not be put together to the right one. */
  readonly problems: string[] = []
  /** Sub-selects that have to be true, and the sources whose rows they leave out otherwise. */
  readonly demanded = new Map<Tree, (source: Source) => boolean>()
  /** An outer join may give no row of them: their keys may be NULL on any shard. */
  readonly nullable = new Set<Source>()
  /** Something inside writes: a WITH, or a lock. */
  writes = false

  constructor(tables: Tables) {
    this.tables = tables
    this.names = new Names(tables)
  }

  select(select: Select, parent: Level | null, inExpression: boolean, outer: Ctes = new Map()): Level {
    const ctes = this.#withCtes(select.withClause, outer, parent)
    const level = openLevel(parent)
    if (select.larg && select.rarg) {
      this.problems.push('UNION, INTERSECT and EXCEPT')
      this.select(select.larg, parent, inExpression, ctes)
      this.select(select.rarg, parent, inExpression, ctes)
      return level
    }
    if (select.intoClause) throw unsupported('SELECT INTO is not possible in a sharded database')
    if (select.lockingClause) this.writes = true
    const joins = new Joins(this, level, inExpression, (item) => this.#source(item, level, inExpression, ctes))
    joins.from(select.fromClause ?? [])
    joins.where(select.whereClause)
    const { targetList, groupClause, havingClause, sortClause, limitCount, limitOffset, valuesLists, distinctClause, windowClause } = select
    const expressions = [
      targetList,
      groupClause,
      havingClause,
      sortClause,
      limitCount,
      limitOffset,
      valuesLists,
      distinctClause,
      windowClause,
    ]
    this.expressions([...expressions, select.whereClause, ...joins.conditions], level, ctes)
    return level
  }

  /** UPDATE, DELETE and the like: the table written first. */
  write(target: Node, from: readonly Node[], where: Node | undefined, others: unknown, withClause: Select['withClause']): Level {
    const ctes = this.#withCtes(withClause, new Map(), null)
    const level = openLevel(null)
    const joins = new Joins(this, level, false, (item) => this.#source(item, level, false, ctes))
    joins.from([target, ...from])
    joins.where(where)
    this.expressions([others, where, ...joins.conditions], level, ctes)
    this.writes = true
    return level
  }

  insert(
    target: Node,
    query: Select | undefined,
    others: unknown,
    withClause: Select['withClause'],
  ): { target: Source; query: Level | null } {
    const ctes = this.#withCtes(withClause, new Map(), null)
    const level = openLevel(null)
    const [source] = this.#source(target, level, false, new Map())
    this.writes = true
    this.expressions(others, level, ctes)
    return { target: source as Source, query: query ? this.select(query, null, false, ctes) : null }
  }

  /** Sub-selects inside of expressions. */
  expressions(value: unknown, level: Level, ctes: Ctes): void {
    walk([value], (tag, node) => {
      if (tag === 'SubLink') this.#subLink(node, level, ctes)
      return tag !== 'SubLink' && tag !== 'SelectStmt' && tag !== 'RangeSubselect'
    })
  }

  #subLink(node: Tree, level: Level, ctes: Ctes): void {
    const { subselect, testexpr, subLinkType, operName } = node as {
      subselect?: Node
      testexpr?: Node
      subLinkType?: string
      operName?: Node[]
    }
    if (testexpr) this.expressions(testexpr, level, ctes)
    if (!subselect || !('SelectStmt' in subselect)) return
    const inner = this.select(subselect.SelectStmt, level, true, ctes)
    const outer = keyColumn(this.names.resolve(testexpr, level))
    const equal = subLinkType === 'ANY_SUBLINK' && (!operName || namesOf(operName)?.join('.') === '=')
    const column = equal && outer && this.#onlyKey(subselect.SelectStmt, inner)
    if (!outer || !column) return
    // Rows of the sub-select with another key cannot make it true, nor false; where it has to be true, it leaves rows out above, too.
    const above = this.demanded.get(node)
    link(outer, column, (source) => source === column.via || (source === outer.via && (above?.(source) ?? false)), this.facts)
  }

  /** The key column that a transparent sub-select gives, when it is all it gives. */
  #onlyKey(select: Select, level: Level): Column | null {
    const [only] = select.targetList ?? []
    if (select.targetList?.length !== 1 || !only || !('ResTarget' in only) || !this.transparent(select, level)) return null
    return keyColumn(this.names.resolve(only.ResTarget.val, level))
  }

  /** Leaving rows with other keys out below leaves nothing else out above. */
  transparent(select: Select, level: Level): boolean {
    const byKey = (nodes: readonly (Node | undefined)[]): boolean => nodes.some((node) => this.isKey(node, level))
    return transparencyOf(select, aggregatesIn(select, this.tables.catalogue), byKey)
  }

  /** A sharding key that is never NULL: equal ones are on one shard. */
  isKey(node: Node | undefined, level: Level): boolean {
    const column = this.#certain(this.names.resolve(node, level))
    return column !== null && isKey(column)
  }

  #certain(column: Column | null): Column | null {
    return column && !this.nullable.has(column.via) && !this.nullable.has(column.of) ? column : null
  }

  #source(item: Node, level: Level, inExpression: boolean, ctes: Ctes): Source[] {
    if ('RangeVar' in item) {
      const { relname = '', schemaname, alias } = item.RangeVar
      const cte = schemaname ? undefined : ctes.get(relname)
      if (cte)
        return [
          this.#derived(cte.node, alias?.aliasname ?? relname, columnNames(alias?.colnames) ?? cte.names, level, inExpression, cte.ctes),
        ]
      const placement = this.tables.place(schemaname, relname)
      if (alias?.colnames && placement.kind === 'sharded') throw unsupported('a sharded table cannot be given other column names')
      return [
        this.#add(level, {
          alias: alias?.aliasname ?? relname,
          table: relname,
          placement,
          inExpression,
          distributed: placement.kind === 'sharded',
          outputs: null,
          passes: null,
        }),
      ]
    }
    if ('RangeSubselect' in item) {
      const { subquery, alias, lateral } = item.RangeSubselect
      const parent = lateral ? level : level.parent
      return subquery
        ? [this.#derived(subquery, alias?.aliasname ?? '', columnNames(alias?.colnames) ?? [], level, inExpression, ctes, parent)]
        : []
    }
    const alias = aliasOf(item)
    this.expressions(item, level, ctes)
    return [this.#add(level, { alias, table: null, placement: null, inExpression, distributed: false, outputs: null, passes: null })]
  }

  #derived(
    node: Node,
    alias: string,
    given: readonly string[],
    level: Level,
    inExpression: boolean,
    ctes: Ctes,
    parent = level.parent,
  ): Source {
    const blank = { alias, table: null, placement: null, inExpression, distributed: false, outputs: null, passes: null }
    if (!('SelectStmt' in node)) return this.#add(level, blank)
    const before = this.sources.length
    const inner = this.select(node.SelectStmt, parent, inExpression, ctes)
    const transparent = this.transparent(node.SelectStmt, inner)
    const distributed = inner.sources.some((source) => source.distributed)
    const reads = this.sources.slice(before).some((source) => source.distributed)
    const unknown = { ...blank, distributed }
    if (reads && !transparent && !inExpression) this.problems.push('a sub-select with DISTINCT, LIMIT, aggregates or the like')
    return this.#add(level, transparent && given.length === 0 ? { ...unknown, ...this.#outputsOf(node.SelectStmt, inner) } : unknown)
  }

  #outputsOf(select: Select, inner: Level): Pick<Source, 'outputs' | 'passes'> {
    const outputs = new Map<string, Column | null>()
    for (const target of select.targetList ?? []) {
      const { val, name } = 'ResTarget' in target ? target.ResTarget : {}
      const fields = val && 'ColumnRef' in val ? val.ColumnRef.fields : undefined
      if (fields?.some((field) => 'A_Star' in field)) {
        const [only] = inner.sources
        return select.targetList?.length === 1 && inner.sources.length === 1 && only
          ? { outputs: null, passes: only }
          : { outputs: null, passes: null }
      }
      outputs.set(name ?? namesOf(fields)?.at(-1) ?? '?column?', this.#certain(this.names.resolve(val, inner)))
    }
    return { outputs, passes: null }
  }

  #add(level: Level, source: Source): Source {
    level.sources.push(source)
    this.sources.push(source)
    return source
  }

  #withCtes(clause: Select['withClause'], outer: Ctes, parent: Level | null): Ctes {
    const ctes = new Map(outer)
    for (const item of clause?.ctes ?? []) {
      if (!('CommonTableExpr' in item) || !item.CommonTableExpr.ctequery) continue
      const { ctename = '', ctequery, aliascolnames } = item.CommonTableExpr
      if (!('SelectStmt' in ctequery)) this.#writingCte(ctequery)
      const visible: Ctes = new Map(ctes)
      if (clause?.recursive) this.#recursiveCte(ctequery, ctename, visible, parent)
      ctes.set(ctename, { node: clause?.recursive ? { A_Star: {} } : ctequery, ctes: visible, names: columnNames(aliascolnames) ?? [] })
    }
    return ctes
  }

  /** Read once, with itself as a table that nothing is known of. */
  #recursiveCte(node: Node, name: string, visible: Ctes, parent: Level | null): void {
    const itself = new Map(visible).set(name, { node: { A_Star: {} }, ctes: visible, names: [] })
    if ('SelectStmt' in node) this.select(node.SelectStmt, parent, true, itself)
  }

  #writingCte(node: Node): void {
    this.problems.push('a WITH that writes')
    readWrite(this, node)
  }
}

const columnNames = (nodes: Node[] | undefined): string[] | null => (nodes && nodes.length > 0 ? namesOf(nodes) : null)

function aliasOf(item: Node): string {
  const inner = Object.values(item)[0] as { alias?: { aliasname?: string } }
  return inner.alias?.aliasname ?? ''
}
