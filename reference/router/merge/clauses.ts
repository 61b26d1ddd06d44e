/** Cuts the text of one SELECT into its clauses, and lists into their items. */
import { unsupported } from '../refused.ts'
import { tokensOf, type PlacedToken } from '../sql/tokens.ts'

export interface Span {
  readonly start: number
  readonly end: number
}

export type ClauseName = 'list' | 'from' | 'where' | 'group' | 'having' | 'window' | 'order' | 'limit' | 'locking'

export interface Clauses {
  readonly text: string
  /** Everything up to the list: WITH, SELECT, DISTINCT. */
  readonly head: string
  /** Without the words that open them, but for FROM and WHERE and what is not taken apart. */
  readonly spans: Readonly<Partial<Record<ClauseName, Span>>>
}

const openers: Readonly<Record<string, ClauseName>> = {
  from: 'from',
  where: 'where',
  group: 'group',
  having: 'having',
  window: 'window',
  order: 'order',
  limit: 'limit',
  offset: 'limit',
  fetch: 'limit',
  for: 'locking',
}

/** Clauses that are read item by item: their opening words are left out. */
const opened: Readonly<Partial<Record<ClauseName, number>>> = { group: 2, having: 1, order: 2 }

interface Opening {
  readonly name: ClauseName
  readonly at: number
}

/** Throws a Refused for a text that begins in another way. */
export function clausesOf(text: string): Clauses {
  const tokens = [...tokensOf(text)]
  const depths = depthsOf(tokens)
  const select = tokens.findIndex((placed, i) => depths[i] === 0 && isWord(placed, 'select'))
  if (select < 0) throw unsupported('the clauses of this SELECT cannot be told apart')
  const first = firstOfList(tokens, depths, select)
  const openings: Opening[] = [{ name: 'list', at: first }, ...openingsIn(tokens, depths, first)]
  const spans: Partial<Record<ClauseName, Span>> = {}
  for (const [i, { name, at }] of openings.entries()) {
    const until = openings[i + 1]?.at ?? tokens.length
    const start = tokens[at + (opened[name] ?? 0)]?.start ?? text.length
    const known = spans[name]
    spans[name] = { start: known?.start ?? start, end: tokens[until - 1]?.end ?? text.length }
  }
  return { text, head: text.slice(0, tokens[first]?.start), spans }
}

export function isWord(placed: PlacedToken | undefined, ...words: string[]): boolean {
  return placed?.token.kind === 'word' && words.includes(placed.token.text)
}

export function depthsOf(tokens: readonly PlacedToken[]): number[] {
  let depth = 0
  return tokens.map(({ token }) => {
    const opens = token.kind === 'other' && '(['.includes(token.text)
    const closes = token.kind === 'other' && ')]'.includes(token.text)
    if (closes) depth--
    const own = depth
    if (opens) depth++
    return own
  })
}

/** After SELECT: ALL, DISTINCT, DISTINCT ON (…). */
function firstOfList(tokens: readonly PlacedToken[], depths: readonly number[], select: number): number {
  let at = select + 1
  if (isWord(tokens[at], 'all')) at++
  else if (isWord(tokens[at], 'distinct')) {
    at++
    if (isWord(tokens[at], 'on')) at = 1 + depths.findIndex((depth, i) => i > at + 1 && depth === 0 && tokens[i]?.token.text === ')')
  }
  return at
}

function openingsIn(tokens: readonly PlacedToken[], depths: readonly number[], first: number): Opening[] {
  return tokens.flatMap((placed, at) => {
    const name = placed.token.kind === 'word' && at > first && depths[at] === 0 ? openers[placed.token.text] : undefined
    return name !== undefined && !isOnlyAName(tokens, at) ? [{ name, at }] : []
  })
}

/** `AS from`, `t.order`, IS DISTINCT FROM, WITHIN GROUP. */
function isOnlyAName(tokens: readonly PlacedToken[], at: number): boolean {
  const before = tokens[at - 1]
  if (isWord(before, 'as') || before?.token.text === '.') return true
  if (isWord(tokens[at], 'from') && isWord(before, 'distinct')) return true
  return isWord(tokens[at], 'group') && isWord(before, 'within')
}

/** The items of a list, as they are written. */
export function itemsIn({ text, spans }: Clauses, name: ClauseName): string[] {
  const span = spans[name]
  if (!span) return []
  const part = text.slice(span.start, span.end)
  const tokens = [...tokensOf(part)]
  const depths = depthsOf(tokens)
  const commas = tokens.flatMap(({ token }, i) => (token.text === ',' && token.kind === 'other' && depths[i] === 0 ? [i] : []))
  const edges = [-1, ...commas, tokens.length]
  return edges
    .slice(0, -1)
    .map((edge, i) => part.slice(tokens[edge + 1]?.start ?? part.length, tokens[(edges[i + 1] ?? 0) - 1]?.end ?? part.length))
}

export function clauseText({ text, spans }: Clauses, ...names: readonly ClauseName[]): string {
  return names.flatMap((name) => (spans[name] ? [text.slice(spans[name].start, spans[name].end)] : [])).join(' ')
}
