/** What a text would change in the session, as far as its words tell: which parameters it sets or resets, which statement it deallocates. */
import { tokensOf, type PlacedToken, type Token } from './tokens.ts'

export interface Effects {
  /** Parameters that may change, in lower case. More than really change is harmless: their values are asked for afterwards. */
  readonly set: ReadonlySet<string>
  /** Parameters that go back to their start-up value. */
  readonly reset: ReadonlySet<string> | 'all'
  /** The text is nothing but a DEALLOCATE of this prepared statement, whose name stands from `start` to `end`. */
  readonly deallocate: { readonly name: string; readonly start: number; readonly end: number } | null
}

export const noEffects: Effects = { set: new Set(), reset: new Set(), deallocate: null }

const worthReading = /\b(?:set|reset|discard|deallocate|set_config)\b/i

/** `text` may be Latin-1 of any encoding in which ASCII bytes mean ASCII. Changes made inside functions and DO blocks are not seen. */
export function effectsOf(text: string): Effects {
  if (!worthReading.test(text)) return noEffects
  const statements = statementsOf(text)
  const set = new Set<string>()
  const reset = new Set<string>()
  let all = false
  for (const statement of statements) {
    for (const name of readConfigCalls(statement)) set.add(name)
    const change = readChange(statement.map((placed) => placed.token))
    if (change?.kind === 'reset-all') all = true
    for (const name of change?.kind === 'set' ? change.names : []) set.add(name)
    for (const name of change?.kind === 'reset' ? change.names : []) reset.add(name)
  }
  const [only] = statements
  return { set, reset: all ? 'all' : reset, deallocate: only && statements.length === 1 ? readDeallocate(only) : null }
}

/** The tokens of each statement of a text. */
export function statementsOf(text: string): PlacedToken[][] {
  const statements: PlacedToken[][] = [[]]
  for (const placed of tokensOf(text)) {
    if (placed.token.kind === 'other' && placed.token.text === ';') statements.push([])
    else statements.at(-1)?.push(placed)
  }
  return statements.filter((statement) => statement.length > 0)
}

/** set_config('name', …) wherever it stands in a statement. */
function readConfigCalls(statement: readonly PlacedToken[]): string[] {
  return statement.flatMap(({ token }, i) => {
    if (token.kind === 'string' || token.text !== 'set_config' || statement[i + 1]?.token.text !== '(') return []
    const argument = statement[i + 2]?.token
    return argument?.kind === 'string' && argument.text !== null ? named([argument.text]) : []
  })
}

type Change = { readonly kind: 'set' | 'reset'; readonly names: readonly string[] } | { readonly kind: 'reset-all' } | null

function readChange(tokens: readonly Token[]): Change {
  const [verb, object] = wordsOf(tokens)
  if (verb === 'discard') return object === 'all' ? { kind: 'reset-all' } : null
  if (verb === 'reset') return object === 'all' ? { kind: 'reset-all' } : { kind: 'reset', names: readTarget(tokens.slice(1)).names }
  if (verb !== 'set') return null
  const { names, rest } = readTarget(withoutScope(tokens.slice(1)))
  const toDefault = rest.some((token) => token.kind === 'word' && token.text === 'default')
  return { kind: toDefault ? 'reset' : 'set', names }
}

/** SET SESSION and SET LOCAL, but not SET SESSION AUTHORIZATION and SET SESSION CHARACTERISTICS. */
function withoutScope(tokens: readonly Token[]): readonly Token[] {
  const [scope, next] = wordsOf(tokens)
  if (scope === 'local') return tokens.slice(1)
  return scope === 'session' && next !== 'authorization' && next !== 'characteristics' ? tokens.slice(1) : tokens
}

const wordsOf = (tokens: readonly Token[]): (string | null)[] =>
  tokens.slice(0, 4).map((token) => (token.kind === 'word' ? token.text : null))

/** SET and RESET have names of their own for some parameters. */
const aliases: readonly (readonly [words: readonly string[], names: readonly string[]])[] = [
  [['time', 'zone'], ['timezone']],
  [
    ['session', 'authorization'],
    ['session_authorization', 'role'],
  ],
  [
    ['session', 'characteristics'],
    ['default_transaction_isolation', 'default_transaction_read_only', 'default_transaction_deferrable'],
  ],
  [['transaction'], []],
  [['constraints'], []],
  [['seed'], []],
  [['names'], ['client_encoding']],
  [['schema'], ['search_path']],
  [['xml', 'option'], ['xmloption']],
]

function readTarget(tokens: readonly Token[]): { names: string[]; rest: readonly Token[] } {
  const words = wordsOf(tokens)
  const alias = aliases.find(([first]) => first.every((word, i) => words[i] === word))
  if (alias) return { names: [...alias[1]], rest: tokens.slice(alias[0].length) }
  const parts: string[] = []
  let at = 0
  for (; at < tokens.length; at += 2) {
    const token = tokens[at]
    if (token?.kind !== 'word' && token?.kind !== 'name') break
    parts.push(token.text)
    if (tokens[at + 1]?.text !== '.') break
  }
  return { names: named([parts.join('.')]), rest: tokens.slice(at + 1) }
}

/** Names that can be kept and asked for; those of one transaction are not worth it. */
function named(names: readonly string[]): string[] {
  return names.map((name) => name.toLowerCase()).filter((name) => isParameterName(name) && !name.startsWith('transaction_'))
}

/** A parameter name as Postgres takes it, ASCII only. */
export function isParameterName(name: string): boolean {
  return /^[a-z_][a-z0-9_$]*(?:\.[a-z_][a-z0-9_$]*)*$/i.test(name) && name.length < 64
}

function readDeallocate(statement: readonly PlacedToken[]): Effects['deallocate'] {
  const tokens = statement.map((placed) => placed.token)
  if (tokens[0]?.kind !== 'word' || tokens[0].text !== 'deallocate') return null
  const at = tokens.length === 3 && wordsOf(tokens)[1] === 'prepare' ? 2 : 1
  const placed = statement[at]
  if (tokens.length !== at + 1 || !placed || (placed.token.kind !== 'word' && placed.token.kind !== 'name')) return null
  if (placed.token.kind === 'word' && placed.token.text === 'all') return null
  return { name: placed.token.text, start: placed.start, end: placed.end }
}
