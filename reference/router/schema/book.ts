/** Statements read once: by text, for as long as the catalogue they were understood by is the newest. */
import { Refused } from '../refused.ts'
import { analyse, type Analysis } from '../routing/analysis.ts'
import { parseText, walk, type Parsed } from '../sql/syntax.ts'
import { Tables, type Catalogue, type ShardedTable } from './tables.ts'

/** Trees are some thirty times the size of their texts. */
const mostBytes = 1024 * 1024

export interface BookOptions {
  readonly sharded: readonly ShardedTable[]
  readonly reference: readonly string[]
  readonly isSingle: boolean
  /** Asks a server. */
  readonly read: () => Promise<Catalogue>
}

export class Book {
  readonly #options: BookOptions
  readonly #entries = new Map<string, readonly Analysis[]>()
  #bytes = 0
  #tables: Promise<Tables> | null = null

  constructor(options: BookOptions) {
    this.#options = options
  }

  /** Analyses of all statements of a text, in order. Rejects with a Refused. */
  async read(text: string): Promise<readonly Analysis[]> {
    const known = this.#entries.get(text)
    if (known) {
      this.#entries.delete(text)
      this.#entries.set(text, known)
      return known
    }
    const parsed = parseText(text)
    const tables = await this.#tablesFor(parsed)
    const analyses = parsed.map((one) => analyse(one, tables))
    this.#keep(text, analyses)
    return analyses
  }

  /** A statement inside of another. */
  async understand(parsed: Parsed): Promise<Analysis> {
    return analyse(parsed, await this.#tablesFor([parsed]))
  }

  async tables(): Promise<Tables> {
    this.#tables ??= this.#load()
    return this.#tables
  }

  /** A definition has changed. */
  forget(): void {
    this.#tables = null
    this.#entries.clear()
    this.#bytes = 0
  }

  async #load(): Promise<Tables> {
    try {
      const { sharded, reference, isSingle, read } = this.#options
      return new Tables(sharded, reference, await read(), isSingle)
    } catch (error) {
      this.#tables = null
      throw error instanceof Refused ? error : new Refused('ERROR', '08006', 'no server tells what tables there are', error)
    }
  }

  /** A table nobody has heard of may be a view, or have come into being behind the router's back. */
  async #tablesFor(parsed: readonly Parsed[]): Promise<Tables> {
    const fresh = this.#tables === null
    const tables = await this.tables()
    if (fresh || !mentionsUnknown(parsed, tables)) return tables
    this.forget()
    return this.tables()
  }

  #keep(text: string, analyses: readonly Analysis[]): void {
    if (text.length > mostBytes / 16) return
    this.#entries.set(text, analyses)
    this.#bytes += text.length
    for (const [oldest] of this.#entries) {
      if (this.#bytes <= mostBytes) return
      this.#entries.delete(oldest)
      this.#bytes -= oldest.length
    }
  }
}

function mentionsUnknown(parsed: readonly Parsed[], tables: Tables): boolean {
  let unknown = false
  walk(
    parsed.map(({ node }) => node),
    (tag, node) => {
      const { schemaname, relname = '' } = node as { schemaname?: string; relname?: string }
      const named = tag === 'RangeVar' || tag === 'relation'
      if (named && tables.place(schemaname, relname).kind !== 'system' && !tables.catalogue.columns.has(relname)) unknown = true
    },
  )
  return unknown
}
