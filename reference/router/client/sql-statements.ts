/** Statements that a client of a sharded database has prepared by SQL: kept as text, since nobody knows beforehand which servers will run them. */
import { Refused, unsupported } from '../refused.ts'
import { tokensOf, type PlacedToken } from '../sql/tokens.ts'

export interface SqlStatement {
  readonly text: string
  /** Of its parameters, as they were written. */
  readonly types: readonly string[]
}

const mostStatements = 1_000
const mostBytes = 4 * 1024 * 1024

export class SqlStatements {
  readonly #named = new Map<string, SqlStatement>()
  #bytes = 0

  get(name: string): SqlStatement {
    const known = this.#named.get(name)
    if (!known) throw new Refused('ERROR', '26000', `prepared statement "${name}" does not exist`)
    return known
  }

  add(name: string, statement: SqlStatement): void {
    if (this.#named.has(name)) throw new Refused('ERROR', '42P05', `prepared statement "${name}" already exists`)
    if (this.#named.size >= mostStatements || this.#bytes + statement.text.length > mostBytes)
      throw new Refused('ERROR', '54000', `more than ${mostStatements} statements, or ${mostBytes} bytes of them, prepared by SQL`)
    this.#bytes += statement.text.length
    this.#named.set(name, statement)
  }

  delete(name: string): void {
    this.#bytes -= this.get(name).text.length
    this.#named.delete(name)
  }

  clear(): void {
    this.#named.clear()
    this.#bytes = 0
  }
}

/** The parts of `PREPARE name (types) AS statement`. Throws a Refused when a parameter has no type of its own. */
export function readPrepare(text: string): SqlStatement {
  const tokens = [...tokensOf(text)]
  const types = listIn(text, tokens, 2)
  const as = tokens.slice(2).find(({ token }, at, rest) => token.kind === 'word' && token.text === 'as' && depthAt(rest, at) === 0)
  const body = text.slice(as?.end ?? text.length)
  const highest = Math.max(0, ...parametersIn(body).map(({ number }) => number))
  if (highest > types.length)
    throw unsupported('PREPARE in a sharded database needs the type of each parameter, as in PREPARE name (bigint, text) AS …')
  return { text: body, types }
}

/** The arguments of `EXECUTE name (…)`, as they were written. */
export const readArguments = (text: string): readonly string[] => listIn(text, [...tokensOf(text)], 2)

/** The statement with values in the place of its parameters, each of the parameter's type. */
export function withArguments({ text, types }: SqlStatement, given: readonly string[]): string {
  let [done, at] = ['', 0]
  for (const { number, start, end } of parametersIn(text)) {
    done += `${text.slice(at, start)}CAST(${given[number - 1]} AS ${types[number - 1]})`
    at = end
  }
  return done + text.slice(at)
}

function parametersIn(text: string): { readonly number: number; readonly start: number; readonly end: number }[] {
  return [...tokensOf(text)].flatMap(({ token, start, end }) =>
    token.kind === 'other' && /^\$\d+$/.test(token.text) ? [{ number: Number(token.text.slice(1)), start, end }] : [],
  )
}

const bracket: Readonly<Record<string, number>> = { '(': 1, '[': 1, ')': -1, ']': -1 }
const weigh = ({ token }: PlacedToken): number => (token.kind === 'other' ? (bracket[token.text] ?? 0) : 0)
const depthAt = (tokens: readonly PlacedToken[], at: number): number => tokens.slice(0, at).reduce((sum, token) => sum + weigh(token), 0)

/** What stands between the parenthesis at a place and its partner, by commas; nothing when there is none. */
function listIn(text: string, tokens: readonly PlacedToken[], at: number): readonly string[] {
  const [open] = tokens.slice(at)
  if (open?.token.text !== '(' || open.token.kind !== 'other') return []
  const parts: string[] = []
  let [depth, from] = [0, open.end]
  for (const placed of tokens.slice(at)) {
    depth += weigh(placed)
    const ends = depth === 0 || (depth === 1 && placed.token.kind === 'other' && placed.token.text === ',')
    if (!ends) continue
    parts.push(text.slice(from, placed.start).trim())
    from = placed.end
    if (depth === 0) break
  }
  return parts
}
