/** Aggregates in two steps: what each shard computes, and what is made of that. */
import { unsupported } from '../refused.ts'
import type { Node } from '../sql/syntax.ts'
import { functionName, type FunctionCall } from '../routing/shape.ts'

/** An aggregate as it is written: its name, what stands in its brackets, what follows them. */
export interface WrittenCall {
  readonly name: string
  readonly inside: string
  readonly after: string
}

/** Of int8, numeric, float8, float4, interval, money: sums of sums are of the same type, or are brought back to it. */
const sumCasts: ReadonlyMap<number, string> = new Map([
  [20, '::pg_catalog.int8'],
  [1700, ''],
  [701, ''],
  [700, ''],
  [1186, ''],
  [790, ''],
])

const again: ReadonlySet<string> = new Set(['min', 'max', 'bool_and', 'bool_or', 'every', 'bit_and', 'bit_or'])

export class Aggregates {
  /** Further columns for each shard. */
  readonly parts: string[] = []
  readonly #groups: number
  readonly #isKey: (node: Node | undefined) => boolean
  /** Casts that depend on the type a part turns out to have, by its place. */
  readonly #later = new Map<string, { readonly place: number; readonly kind: 'sum' | 'average' }>()

  /** The columns of the groups come first. */
  constructor(groups: number, isKey: (node: Node | undefined) => boolean) {
    this.#groups = groups
    this.#isKey = isKey
  }

  /** The text that stands for the call when the parts are put together. Throws a Refused. */
  add(call: FunctionCall, { name, inside, after }: WrittenCall): string {
    const countsKeys = functionName(call) === 'count' && this.#isKey(call.args?.[0])
    if (call.agg_distinct && !countsKeys) throw unsupported(`${functionName(call)}(DISTINCT …) over several shards is not possible`)
    if (call.agg_order || call.agg_within_group || call.func_variadic)
      throw unsupported(`${functionName(call)} with an order over several shards is not possible`)
    const plain = functionName(call)
    const part = (of: string): string => this.#part(`${of}(${inside})${after}`)
    if (plain === 'count') return `coalesce(pg_catalog.sum(${part(name)}), 0)::pg_catalog.int8`
    if (plain === 'sum') return this.#sum(part(name))
    if (plain === 'avg') return this.#average(part('pg_catalog.sum'), part('pg_catalog.count'))
    if (again.has(plain)) return `pg_catalog.${plain}(${part(name)})`
    throw unsupported(`${plain} over several shards is not possible`)
  }

  /** Puts in what depends on the types of the parts. */
  finish(text: string, types: readonly number[]): string {
    let finished = text
    for (const [mark, { place, kind }] of this.#later) finished = finished.replaceAll(mark, castFor(kind, types[place - 1] ?? 0))
    return finished
  }

  #part(text: string): string {
    this.parts.push(text)
    return `p${this.#groups + this.parts.length}`
  }

  #sum(part: string): string {
    return `(pg_catalog.sum(${part})${this.#mark(part, 'sum')})`
  }

  #average(sum: string, count: string): string {
    const mark = this.#mark(sum, 'average')
    return `(pg_catalog.sum(${sum})${mark} / nullif(pg_catalog.sum(${count}), 0)${mark})`
  }

  #mark(part: string, kind: 'sum' | 'average'): string {
    const mark = `\u0001${part}${kind}\u0002`
    this.#later.set(mark, { place: Number(part.slice(1)), kind })
    return mark
  }
}

function castFor(kind: 'sum' | 'average', type: number): string {
  if (kind === 'sum') {
    const cast = sumCasts.get(type)
    if (cast === undefined) throw unsupported('a sum of this type over several shards is not possible')
    return cast
  }
  if (type === 20 || type === 1700) return '::pg_catalog.numeric'
  if (type === 701) return '::pg_catalog.float8'
  throw unsupported('an average of this type over several shards is not possible')
}
