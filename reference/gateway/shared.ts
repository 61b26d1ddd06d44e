/** Things that several doors have in common: made for the first that wants it, gone with the last that had it. */

export interface Shared<T> {
  /** The one of this name, made if there is none; the stack gives it back when it is disposed. */
  take(name: string, make: () => T, stack: AsyncDisposableStack): T
  values(): readonly T[]
}

export function makeShared<T extends Disposable>(): Shared<T> {
  const kept = new Map<string, { readonly value: T; users: number }>()
  return {
    take(name, make, stack) {
      const found = kept.get(name) ?? { value: make(), users: 0 }
      kept.set(name, found)
      found.users++
      stack.defer(() => {
        if (--found.users > 0) return
        kept.delete(name)
        found.value[Symbol.dispose]()
      })
      return found.value
    },
    values: () => [...kept.values()].map(({ value }) => value),
  }
}
