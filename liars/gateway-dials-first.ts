/** A gateway that reaches for the pooler before it has looked at the token. */
import { run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'reaches for the pooler before it has looked at the token',
  refutes: { 'CONN-004': ['no-backend'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    async admit(steps) {
      const upstream = await steps.dial()
      const admission = await steps.verify()
      return { admission, upstream, greeting: await steps.logIn(admission, upstream) }
    },
  })
}
