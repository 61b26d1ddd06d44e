/** A gateway that looks neither at signatures nor at the end of a token. */
import { run, rules } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'looks neither at signatures nor at the end of a token',
  refutes: { 'SEC-001': ['refused', 'nothing-reached', 'audited'], 'SEC-002': ['expired', 'audited'] },
} satisfies Lie

if (import.meta.main) await run(process.argv, { checkSignature: () => {}, rules: { ...rules, expiry: () => [] } })
