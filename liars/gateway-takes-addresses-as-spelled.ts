/** A gateway to which every spelling, and every address of a subscriber's network, is another address. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes every spelling, and every address of a subscriber’s network, for another address',
  refutes: { 'SEC-144': ['subscriber', 'mapped'] },
} satisfies Lie

if (import.meta.main)
  await run(process.argv, {
    sourceOf(address) {
      const source = pieces.sourceOf(address)
      return source && { ...source, subscriber: address }
    },
  })
