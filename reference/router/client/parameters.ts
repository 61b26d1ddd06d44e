/** The parameters of one client: what it started with, and what it has set since. */
import type { Parameters, ReadParameter } from '../sql/parameters.ts'

/** Beyond these a client cannot be carried from server to server any more. */
const mostOverrides = 200
const mostOverrideBytes = 256 * 1024

/** Whether the same text may mean something else, or be read by somebody else, when this parameter changes. */
export const changesMeaning = (name: string): boolean => !/^application_name$|_timeout$|\./.test(name)

export class ClientParameters {
  /** By name in lower case. */
  readonly startup: Parameters
  readonly #overrides = new Map<string, string>()
  #meaning: string | null = null

  constructor(startup: Parameters) {
    this.startup = startup
  }

  /** What a server session must have before this client may use it. */
  all(): Parameters {
    return new Map([...this.startup, ...this.#overrides])
  }

  /** Start-up parameters among those that were reset. */
  restorable(reset: ReadonlySet<string> | 'all'): Parameters {
    return new Map([...this.startup].filter(([name]) => reset === 'all' || reset.has(name)))
  }

  /** All names that a RESET ALL may have changed. */
  names(): string[] {
    return [...this.all().keys()]
  }

  /** Takes over what the server says about names the client may have changed. `reset`: those the client sent back to their start. */
  learn(read: readonly ReadParameter[], reset: ReadonlySet<string> | 'all'): void {
    this.#meaning = null
    for (const { name, isReset, value } of read) {
      const backToStart = isReset && (reset === 'all' || reset.has(name)) && this.startup.has(name)
      const serverDefault = isReset && !this.startup.has(name) && value !== ''
      if (value === null || backToStart || serverDefault || value === this.startup.get(name)) this.#overrides.delete(name)
      else this.#overrides.set(name, value)
    }
  }

  get tooMany(): boolean {
    const bytes = [...this.#overrides].reduce((sum, [name, value]) => sum + name.length + value.length, 0)
    return this.#overrides.size > mostOverrides || bytes > mostOverrideBytes
  }

  /** Differs when the same statement text could mean something else: date styles, search path, encoding, role, … */
  meaning(): string {
    this.#meaning ??= JSON.stringify([...this.all()].filter(([name]) => changesMeaning(name)).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    return this.#meaning
  }
}
