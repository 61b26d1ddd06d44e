/** A gateway to which all addresses are one: what one of them does, all of them pay for. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes all addresses for one',
  refutes: { 'SEC-006': ['other'], 'AUTH-005': ['locked'], 'SEC-144': ['subscriber'] },
} satisfies Lie

if (import.meta.main)
  await run(process.argv, {
    makeGate: (terms) => {
      const gate = pieces.makeGate(terms)
      return { ...gate, arrive: (source) => gate.arrive({ ...source, subscriber: 'everybody' }) }
    },
  })
