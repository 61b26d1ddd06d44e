/** A gateway that lets a token through that lacks a mandatory claim. */
import { run, rules } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'lets a token through that lacks a mandatory claim',
  refutes: { 'JWT-004': ['rejected', 'reason', 'named'] },
} satisfies Lie

if (import.meta.main) await run(process.argv, { rules: { ...rules, required: () => [] } })
