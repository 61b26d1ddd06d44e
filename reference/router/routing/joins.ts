/** FROM and WHERE of one level: which conditions leave rows of which sources out, and which outer joins several shards cannot answer. */
import type { Node, Tree } from '../sql/syntax.ts'
import { conjuncts, keyColumn, link, noteCondition } from './facts.ts'
import type { Reading } from './reading.ts'
import type { Level, Source } from './scope.ts'

type Join = Extract<Node, { JoinExpr: unknown }>['JoinExpr']

export class Joins {
  /** Of ON clauses, for the sub-selects in them. */
  readonly conditions: Node[] = []
  readonly #reading: Reading
  readonly #level: Level
  readonly #read: (item: Node) => Source[]
  readonly #inExpression: boolean

  constructor(reading: Reading, level: Level, inExpression: boolean, read: (item: Node) => Source[]) {
    this.#reading = reading
    this.#level = level
    this.#inExpression = inExpression
    this.#read = read
  }

  from(items: readonly Node[]): void {
    for (const item of items) this.#item(item)
  }

  /** Leaves out rows of whatever stands in FROM. */
  where(node: Node | undefined): void {
    const { sources } = this.#level
    this.#note(node, (source) => sources.includes(source))
  }

  #item(item: Node): Source[] {
    return 'JoinExpr' in item ? this.#join(item.JoinExpr) : this.#read(item)
  }

  #join(join: Join): Source[] {
    if (join.isNatural || join.join_using_alias || join.alias) this.#level.unclear = true
    const left = join.larg ? this.#item(join.larg) : []
    const right = join.rarg ? this.#item(join.rarg) : []
    const filtered = this.#filtered(join, left, right)
    const filters = (source: Source): boolean => filtered.includes(source)
    if (join.quals) this.conditions.push(join.quals)
    this.#note(join.quals, filters)
    for (const name of join.usingClause ?? []) if ('String' in name) this.#using(name.String.sval ?? '', join, left, right, filters)
    return [...left, ...right]
  }

  #filtered(join: Join, left: readonly Source[], right: readonly Source[]): readonly Source[] {
    const sharded = (sources: readonly Source[]): boolean => sources.some((source) => source.distributed)
    switch (join.jointype) {
      case 'JOIN_LEFT':
        if (sharded(right) && !sharded(left)) this.#problem()
        for (const source of right) this.#reading.nullable.add(source)
        return right
      case 'JOIN_RIGHT':
        if (sharded(left) && !sharded(right)) this.#problem()
        for (const source of left) this.#reading.nullable.add(source)
        return left
      case 'JOIN_FULL':
        if (sharded([...left, ...right])) this.#problem()
        for (const source of [...left, ...right]) this.#reading.nullable.add(source)
        return []
      default:
        return [...left, ...right]
    }
  }

  /** Rows of an unsharded table that find no partner on one shard may find one on another. */
  #problem(): void {
    if (!this.#inExpression) this.#reading.problems.push('an outer join that keeps rows of a table that is not sharded')
  }

  #using(name: string, join: Join, left: readonly Source[], right: readonly Source[], filters: (source: Source) => boolean): void {
    const { names, facts } = this.#reading
    const find = (sources: readonly Source[]) => {
      const level: Level = { ...this.#level, sources: [...sources], unclear: this.#level.unclear }
      return names.resolve({ ColumnRef: { fields: [{ String: { sval: name } }] } }, level)
    }
    const [a, b] = [find(left), find(right)]
    const [keyA, keyB] = [keyColumn(a), keyColumn(b)]
    if (keyA && keyB) link(keyA, keyB, filters, facts)
    const counts = join.jointype === 'JOIN_RIGHT' ? b : a
    if (join.jointype === 'JOIN_FULL' || !counts) this.#level.unclear = true
    else this.#level.merged.set(name, counts.via)
  }

  #note(node: Node | undefined, filters: (source: Source) => boolean): void {
    for (const part of conjuncts(node)) if ('SubLink' in part) this.#reading.demanded.set(part.SubLink as Tree, filters)
    noteCondition({ node, level: this.#level, filters }, this.#reading.names, this.#reading.facts)
  }
}
