/** A gateway that never goes back to a pooler that once did not let it in. */
import { pieces, Refusal, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'never goes back to a pooler that once did not let it in',
  refutes: { 'CHAOS-004': ['rejoins'] },
} satisfies Lie

if (import.meta.main) {
  const shunned = new Set<string>()
  const leadsTo = new WeakMap<object, string>()
  await run(process.argv, {
    async dial(address, signal) {
      if (shunned.has(address.name)) throw new Refusal('upstream_unavailable')
      const upstream = await pieces.dial(address, signal)
      leadsTo.set(upstream, address.name)
      return upstream
    },
    async logIn(...terms) {
      try {
        return await pieces.logIn(...terms)
      } catch (error) {
        shunned.add(leadsTo.get(terms[0]) ?? '')
        throw error
      }
    },
  })
}
