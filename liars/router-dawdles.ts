/** A router that lets each statement lie about for 3 ms. */
import { runFronted } from './kit/fronted.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'lets each statement lie about for 3 ms',
  refutes: {
    'LAT-001': ['typical', 'in-time'],
    'LAT-002': ['typical', 'in-time'],
    'LAT-003': ['typical', 'in-time'],
    'LAT-005': ['typical', 'in-time'],
  },
} satisfies Lie

if (import.meta.main) await runFronted(process.argv, { holdMs: 3 })
