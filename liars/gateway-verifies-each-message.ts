/** A gateway that verifies the token again for each message of its session. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'verifies the token again for each message of its session',
  refutes: { 'PERF-008': ['once'] },
} satisfies Lie

if (import.meta.main) {
  let again: (() => Promise<unknown>) | null = null
  await run(process.argv, {
    makeCache: (terms) => pieces.makeCache({ ...terms, entries: 0 }),
    async admit(steps) {
      again = steps.verify
      return pieces.admit(steps)
    },
    pump(client, upstream, terms) {
      client.on('data', () => void again?.().catch(() => {}))
      return pieces.pump(client, upstream, terms)
    },
  })
}
