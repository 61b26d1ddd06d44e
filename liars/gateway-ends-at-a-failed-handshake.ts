/** A gateway that ends when a TLS handshake comes to nothing. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'ends when a TLS handshake comes to nothing',
  refutes: { 'SEC-138': ['malformed'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    makeGate(terms) {
      const gate = pieces.makeGate(terms)
      return {
        ...gate,
        arrive(source) {
          const guest = gate.arrive(source)
          let hopeful = false
          return {
            ...guest,
            welcome: () => ((hopeful = false), guest.welcome()),
            beginHandshake: () => ((hopeful = true), guest.beginHandshake()),
            [Symbol.dispose]: () => (hopeful ? process.exit(70) : guest[Symbol.dispose]()),
          }
        },
      }
    },
  })
}
