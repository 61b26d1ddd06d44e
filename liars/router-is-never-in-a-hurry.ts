/** A router that lets everything lie about for 120 ms. */
import { runFronted } from './kit/fronted.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'lets everything lie about for 120 ms',
  refutes: {
    'PERF-003': ['rate', 'share'],
    'PERF-007': ['in-time'],
    'PERF-010': ['in-time'],
    'THRU-001': ['rate', 'share'],
    'THRU-002': ['rate', 'share'],
    'THRU-003': ['rate', 'share'],
  },
} satisfies Lie

if (import.meta.main) await runFronted(process.argv, { holdMs: 120 })
