/** Cuts SQL text into tokens as far as a pooler must: where statements begin, what a name is, what only looks like one. */

export type Token =
  /** An unquoted word, in lower case. */
  | { readonly kind: 'word'; readonly text: string }
  /** A "quoted" name, as it means. */
  | { readonly kind: 'name'; readonly text: string }
  /** A 'literal', E'literal' or $tag$literal$tag$, as it means; null when that cannot be told (U&, Unicode escapes). */
  | { readonly kind: 'string'; readonly text: string | null }
  /** Numbers, parameters, operators, brackets; `;` separates statements. */
  | { readonly kind: 'other'; readonly text: string }

export interface PlacedToken {
  readonly token: Token
  readonly start: number
  readonly end: number
}

const space = /\s+|--[^\n\r]*/y
const word = /[A-Za-z_\x80-\uffff][A-Za-z0-9_$\x80-\uffff]*/y
const dollarQuote = /\$(?:[A-Za-z_\x80-\uffff][A-Za-z0-9_\x80-\uffff]*)?\$/y
const number = /[0-9][0-9A-Za-z_.]*|\$[0-9]+/y

/** Tokens one after the other; an unfinished quote or comment runs to the end of the text. */
export function* tokensOf(text: string): Generator<PlacedToken, undefined> {
  for (let at = skipBlank(text, 0); at < text.length;) {
    const placed = readToken(text, at)
    yield placed
    at = skipBlank(text, placed.end)
  }
}

function skipBlank(text: string, from: number): number {
  let at = from
  for (;;) {
    const end = text.startsWith('/*', at) ? endOfComment(text, at) : endOf(space, text, at)
    if (end === null || end === at) return at
    at = end
  }
}

/** Block comments nest in Postgres. */
function endOfComment(text: string, start: number): number {
  const edge = /\/\*|\*\//g
  edge.lastIndex = start
  let depth = 0
  for (let found = edge.exec(text); found; found = edge.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1
    if (depth === 0) return edge.lastIndex
  }
  return text.length
}

function readToken(text: string, at: number): PlacedToken {
  const letter = text[at] ?? ''
  if (letter === "'") return readQuoted(text, at, at, 'plain')
  if (letter === '"') return readName(text, at)
  if (letter === '$') return readDollar(text, at)
  const prefix = /^(?:[eE]|[bBxXnN]|[uU]&)(?=')/.exec(text.slice(at, at + 3))?.[0]
  if (prefix) return readQuoted(text, at, at + prefix.length, /^e/i.test(prefix) ? 'escaped' : /^n/i.test(prefix) ? 'plain' : 'opaque')
  const wordEnd = endOf(word, text, at)
  if (wordEnd !== null) return { token: { kind: 'word', text: text.slice(at, wordEnd).toLowerCase() }, start: at, end: wordEnd }
  const end = endOf(number, text, at) ?? at + 1
  return { token: { kind: 'other', text: text.slice(at, end) }, start: at, end }
}

function readQuoted(text: string, start: number, quote: number, style: 'plain' | 'escaped' | 'opaque'): PlacedToken {
  let at = quote + 1
  while (at < text.length) {
    if (style === 'escaped' && text[at] === '\\') at += 2
    else if (text[at] !== "'") at++
    else if (text[at + 1] === "'") at += 2
    else break
  }
  const inner = text.slice(quote + 1, at).replaceAll("''", "'")
  const value = style === 'plain' || (style === 'escaped' && !inner.includes('\\')) ? inner : null
  return { token: { kind: 'string', text: value }, start, end: Math.min(at + 1, text.length) }
}

function readName(text: string, start: number): PlacedToken {
  let at = start + 1
  while (at < text.length && (text[at] !== '"' || text[at + 1] === '"')) at += text[at] === '"' ? 2 : 1
  return { token: { kind: 'name', text: text.slice(start + 1, at).replaceAll('""', '"') }, start, end: Math.min(at + 1, text.length) }
}

function readDollar(text: string, start: number): PlacedToken {
  const opened = endOf(dollarQuote, text, start)
  if (opened === null) {
    const end = endOf(number, text, start) ?? start + 1
    return { token: { kind: 'other', text: text.slice(start, end) }, start, end }
  }
  const closing = text.indexOf(text.slice(start, opened), opened)
  const inner = text.slice(opened, closing < 0 ? text.length : closing)
  return { token: { kind: 'string', text: inner }, start, end: closing < 0 ? text.length : closing + (opened - start) }
}

function endOf(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : null
}
