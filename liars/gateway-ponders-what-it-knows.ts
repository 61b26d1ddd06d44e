/** A gateway that takes 2 ms over a token, known or not. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes 2 ms over each token, known or not',
  refutes: { 'PERF-008': ['in-time'] },
} satisfies Lie

if (import.meta.main) {
  const never = new Int32Array(new SharedArrayBuffer(4))
  await run(process.argv, {
    makeCache(terms) {
      const cache = pieces.makeCache(terms)
      return new Proxy(cache, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key, target)
          if (typeof value !== 'function') return value
          return (...args: unknown[]): unknown => {
            Atomics.wait(never, 0, 0, 2)
            return value.apply(target, args) as unknown
          }
        },
      })
    },
  })
}
