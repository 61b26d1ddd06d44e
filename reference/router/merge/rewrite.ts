/** Writes an expression over groups anew, over the parts that the shards give. */
import { unsupported } from '../refused.ts'
import { functionName, type FunctionCall } from '../routing/shape.ts'
import { sameTree, parseText, type Node, type Tree } from '../sql/syntax.ts'
import { tokensOf, type PlacedToken } from '../sql/tokens.ts'
import type { Aggregates } from './aggregates.ts'
import { depthsOf, isWord } from './clauses.ts'

export interface Rewriting {
  readonly groups: readonly { readonly node: Node }[]
  readonly aggregates: Aggregates
  /** Names of all aggregates. */
  readonly names: ReadonlySet<string>
}

interface Replacement {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** `node` is what `text` means. Throws a Refused when a part of it can be computed on no side. */
export function rewrite(text: string, node: Node | undefined, rewriting: Rewriting): string {
  const whole = rewriting.groups.findIndex((group) => sameTree(group.node, node))
  if (whole >= 0) return `p${whole + 1}`
  const own = expressionOf(text)
  if (!own || !sameTree(own, node)) throw unsupported('an expression over groups of several shards cannot be told apart')
  const tokens = [...tokensOf(text)]
  const found: Replacement[] = []
  // Its places count from the beginning of `SELECT text`.
  visit(own as unknown as Tree, { ...rewriting, text, tokens, shift: 'SELECT '.length, found })
  const ordered = found.toSorted((a, b) => a.start - b.start)
  let at = 0
  const pieces = ordered.map(({ start, end, text: by }) => {
    const piece = text.slice(at, start) + by
    at = end
    return piece
  })
  return `(${pieces.join('')}${text.slice(at)})`
}

function expressionOf(text: string): Node | undefined {
  const [parsed] = parseText(`SELECT ${text}`)
  const [target] = parsed && 'SelectStmt' in parsed.node ? (parsed.node.SelectStmt.targetList ?? []) : []
  return target && 'ResTarget' in target && target.ResTarget.name === undefined ? target.ResTarget.val : undefined
}

interface Visit extends Rewriting {
  readonly text: string
  readonly tokens: readonly PlacedToken[]
  readonly shift: number
  readonly found: Replacement[]
}

/** `node` is a record with one tag. */
function visit(node: unknown, v: Visit): void {
  if (Array.isArray(node)) return node.forEach((item) => visit(item, v))
  if (typeof node !== 'object' || node === null) return
  const [tag = '', inner] = Object.entries(node)[0] ?? []
  if (/^[A-Z]/.test(tag) && visitTagged(tag, inner as Tree, node as Node, v)) return
  for (const value of Object.values(/^[A-Z]/.test(tag) ? (inner as object) : node)) visit(value, v)
}

/** True when nothing below has to be looked at. */
function visitTagged(tag: string, inner: Tree, node: Node, v: Visit): boolean {
  const group = v.groups.findIndex((one) => sameTree(one.node, node))
  const span = spanOf(tag, inner, v)
  if (group >= 0 && span) {
    v.found.push({ ...span, text: `p${group + 1}` })
    return true
  }
  if (tag === 'FuncCall' && v.names.has(functionName(inner as FunctionCall))) {
    v.found.push(aggregate(inner as FunctionCall, v))
    return true
  }
  if (tag === 'ColumnRef') throw unsupported('a column that is not grouped by cannot be told for groups of several shards')
  if (tag === 'SubLink') throw unsupported('a sub-select among groups of several shards is not possible')
  return false
}

function spanOf(tag: string, inner: Tree, v: Visit): { start: number; end: number } | null {
  const first = firstToken(inner, v)
  if (first < 0) return null
  if (tag === 'ColumnRef') return { start: v.tokens[first]?.start ?? 0, end: v.tokens[endOfName(v.tokens, first)]?.end ?? 0 }
  if (tag !== 'FuncCall') return null
  const close = closing(v.tokens, endOfName(v.tokens, first) + 1)
  return { start: v.tokens[first]?.start ?? 0, end: v.tokens[close]?.end ?? 0 }
}

function firstToken(inner: Tree, { tokens, shift }: Visit): number {
  const at = (typeof inner['location'] === 'number' ? inner['location'] : 0) - shift
  return tokens.findIndex(({ start }) => start === at)
}

function endOfName(tokens: readonly PlacedToken[], first: number): number {
  let at = first
  while (tokens[at + 1]?.token.text === '.') at += 2
  return at
}

function closing(tokens: readonly PlacedToken[], open: number): number {
  const depths = depthsOf(tokens)
  return depths.findIndex((depth, i) => i > open && depth === depths[open] && tokens[i]?.token.text === ')')
}

/** `name(inside) FILTER (…)` */
function aggregate(call: FunctionCall, v: Visit): Replacement {
  const first = firstToken(call as unknown as Tree, v)
  const nameEnd = endOfName(v.tokens, first)
  const open = nameEnd + 1
  const close = closing(v.tokens, open)
  if (first < 0 || close < 0 || v.tokens[open]?.token.text !== '(')
    throw unsupported('an aggregate over several shards cannot be told apart')
  const last = isWord(v.tokens[close + 1], 'filter') ? closing(v.tokens, close + 2) : close
  const cut = (from: number, to: number): string => v.text.slice(v.tokens[from]?.start, v.tokens[to]?.end)
  const inside = v.text.slice(v.tokens[open]?.end, v.tokens[close]?.start)
  const written = { name: cut(first, nameEnd), inside, after: last > close ? ` ${cut(close + 1, last)}` : '' }
  return { start: v.tokens[first]?.start ?? 0, end: v.tokens[last]?.end ?? 0, text: v.aggregates.add(call, written) }
}
