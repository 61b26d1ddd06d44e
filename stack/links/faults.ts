/** What may befall the traffic of a link at this moment; several faults can hold at once, each heals when disposed of. */

export interface Faults {
  /** Nothing passes, and nothing is lost: what was sent waits. */
  readonly held: boolean
  /** Nothing passes, and what was sent is lost. */
  readonly dark: boolean
  /** Each chunk waits so long before it goes on, ms. */
  readonly delayMs: number
  /** Adds one fault; disposing takes it away again, once. */
  add(fault: Fault): AsyncDisposable
}

export interface Fault {
  readonly held?: boolean
  readonly dark?: boolean
  readonly delayMs?: number
}

/** No fault yet; `onChange` is called after every change. */
export function noFaults(onChange: () => void): Faults {
  const active = new Set<Fault>()
  const every = () => [...active]
  return {
    get held() {
      return every().some((fault) => fault.held === true)
    },
    get dark() {
      return every().some((fault) => fault.dark === true)
    },
    get delayMs() {
      return every().reduce((sum, fault) => sum + (fault.delayMs ?? 0), 0)
    },
    add(wish) {
      const fault = { ...wish }
      active.add(fault)
      onChange()
      return {
        async [Symbol.asyncDispose]() {
          if (active.delete(fault)) onChange()
        },
      }
    },
  }
}
