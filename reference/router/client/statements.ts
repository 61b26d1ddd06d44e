/** The prepared statements of one client, under the names it gave them. */
import type { Effects } from '../sql/effects.ts'
import { Refused } from '../refused.ts'
import { SqlStatements } from './sql-statements.ts'

export interface Statement {
  /** As the client called it; '' is the unnamed statement. Latin-1, one character a byte. */
  readonly clientName: string
  /** Body of the Parse message behind the name: text, NUL, parameter types. */
  readonly parse: Buffer
  readonly effects: Effects
  readonly deallocates: Deallocation | null
}

/** A statement prepared by protocol that a DEALLOCATE will drop, and the name on the server that stands in its text. */
export interface Deallocation {
  readonly statement: Statement
  readonly serverName: string
}

/** What a client may keep; a client that prepares without end would else take the memory of all. */
const mostStatements = 10_000
const mostBytes = 64 * 1024 * 1024

export class ClientStatements {
  unnamed: Statement | null = null
  /** Those prepared by SQL, where the router keeps them. */
  readonly sql = new SqlStatements()
  readonly #named = new Map<string, Statement>()
  #bytes = 0

  get(name: string): Statement | null {
    return (name === '' ? this.unnamed : this.#named.get(name)) ?? null
  }

  add(statement: Statement): void {
    if (this.#named.size >= mostStatements || this.#bytes + statement.parse.length > mostBytes) {
      throw new Refused('FATAL', '54000', `more than ${mostStatements} prepared statements, or ${mostBytes} bytes of them, in one session`)
    }
    this.#bytes += statement.parse.length
    this.#named.set(statement.clientName, statement)
  }

  delete(name: string): void {
    this.#bytes -= this.#named.get(name)?.parse.length ?? 0
    this.#named.delete(name)
  }

  clear(): void {
    this.sql.clear()
    this.#named.clear()
    this.#bytes = 0
  }

  all(): Iterable<Statement> {
    return this.#named.values()
  }
}
