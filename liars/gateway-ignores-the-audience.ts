/** A gateway that takes a token made for anybody. */
import { run, rules } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes a token made for anybody',
  refutes: { 'JWT-111': ['audience'], 'JWT-017': ['other', 'list', 'absent', 'reason'] },
} satisfies Lie

if (import.meta.main) await run(process.argv, { rules: { ...rules, audience: () => [] } })
