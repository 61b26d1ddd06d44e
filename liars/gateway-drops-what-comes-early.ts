/** A gateway that loses what a client sends behind its token. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'loses what a client sends behind its token',
  refutes: { 'SEC-132': ['pipelined'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    async logIn(upstream, login) {
      const greeting = await pieces.logIn(upstream, login)
      const write = upstream.write.bind(upstream)
      upstream.write = (() => {
        upstream.write = write
        return true
      }) as typeof write
      return greeting
    },
  })
}
