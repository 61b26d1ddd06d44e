/** A gateway that passes on nothing of what a client asks for when it connects. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'passes on nothing of what a client asks for when it connects',
  refutes: { 'CONN-011': ['seen'] },
} satisfies Lie

if (import.meta.main) await run(process.argv, { readWishes: (startup) => ({ ...pieces.readWishes(startup), settings: new Map() }) })
