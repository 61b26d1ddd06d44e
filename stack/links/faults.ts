/** What may befall the traffic of a link at this moment; several faults can hold at once, each heals when disposed of. */

export interface Faults {
  /** Connections pass nothing: what was sent waits, new ones are accepted and left alone. */
  readonly silent: boolean
  /** Each chunk waits so long before it goes on, ms. */
  readonly delayMs: number
  /** Adds one fault; disposing takes it away again, once. */
  add(kind: 'silent' | 'delay', ms?: number): AsyncDisposable
  /** Called after every change. */
  onChange(listener: () => void): void
}

export function noFaults(): Faults {
  const active = new Map<symbol, { readonly kind: 'silent' | 'delay'; readonly ms: number }>()
  const listeners: (() => void)[] = []
  const changed = () => listeners.forEach((listener) => listener())
  return {
    get silent() {
      return [...active.values()].some((fault) => fault.kind === 'silent')
    },
    get delayMs() {
      return [...active.values()].reduce((sum, fault) => sum + fault.ms, 0)
    },
    add(kind: 'silent' | 'delay', ms = 0) {
      const key = Symbol(kind)
      active.set(key, { kind, ms })
      changed()
      return {
        async [Symbol.asyncDispose]() {
          if (active.delete(key)) changed()
        },
      }
    },
    onChange: (listener) => void listeners.push(listener),
  }
}
