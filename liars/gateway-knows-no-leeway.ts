/** A gateway that takes every clock to be exact. */
import { run, rules } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes every clock to be exact',
  refutes: { 'JWT-110': ['within'], 'JWT-012': ['within'] },
} satisfies Lie

if (import.meta.main)
  await run(process.argv, { rules: { ...rules, expiry: (judgement) => rules.expiry({ ...judgement, leewaySeconds: 0 }) } })
