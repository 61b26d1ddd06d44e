/** The parameters a client is told at log-in: what the server reports for a session that has the client's start-up parameters. */
import type { Pool } from '../pool/pool.ts'
import type { Parameters } from '../sql/parameters.ts'
import type { Desk } from './desk.ts'
import { Hold } from './hold.ts'

export type Reports = ReadonlyMap<string, string>

/** What servers reported, by the parameters that can make a difference; the same drivers send the same ones again and again. */
export class Greetings {
  readonly #pool: Pool
  readonly #known = new Map<string, Reports>()

  constructor(pool: Pool) {
    this.#pool = pool
  }

  /** Asks a server only when it cannot be known. Rejects with a Refused or the signal's reason. */
  async reportsFor(parameters: Parameters, desk: Desk, signal: AbortSignal): Promise<Reports> {
    const key = JSON.stringify([...parameters].filter(([name, value]) => !this.#foreseen(name, value)))
    const known = key === '[]' ? this.#pool.reported : this.#known.get(key)
    if (known) return withApplicationName(known, parameters)
    const connection = await desk.take(signal)
    const reports = new Map(connection.reported)
    desk.giveBack(new Hold(connection))
    if (key !== '[]') this.#keep(key, reports)
    return reports
  }

  /** Names no server reports, and values it reports as they are. */
  #foreseen(name: string, value: string): boolean {
    if (name === 'application_name') return /^[\x20-\x7e]{0,63}$/.test(value)
    if (name === 'client_encoding') return sameEncoding(value, this.#pool.reported?.get('client_encoding') ?? '')
    return name.includes('.')
  }

  /** Without the name of this very client. */
  #keep(key: string, reports: Reports): void {
    const [oldest] = this.#known.keys()
    if (this.#known.size >= 100 && oldest !== undefined) this.#known.delete(oldest)
    this.#known.set(key, new Map([...reports, ['application_name', this.#pool.reported?.get('application_name') ?? '']]))
  }
}

const sameEncoding = (a: string, b: string): boolean =>
  a.replaceAll(/[^a-z0-9]/gi, '').toLowerCase() === b.replaceAll(/[^a-z0-9]/gi, '').toLowerCase()

function withApplicationName(reports: Reports, parameters: Parameters): Reports {
  const name = parameters.get('application_name')
  return name === undefined ? reports : new Map([...reports, ['application_name', name]])
}
