/** A gateway that says to a cancel request what it thinks of it, and looks at as many as anybody sends. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'says to a cancel request what it thinks of it, and looks at as many as anybody sends',
  refutes: { 'SEC-136': ['silent', 'limited'] },
} satisfies Lie

if (import.meta.main)
  await run(process.argv, {
    async serveCancel(key, visit) {
      const guest = { ...visit.guest, askToCancel: () => ({ allowed: true, recorded: true }) }
      await pieces.serveCancel(key, { ...visit, guest })
      const { stream } = visit as typeof visit & { readonly stream: NodeJS.WritableStream }
      await new Promise<void>((resolve) => stream.end('E', resolve))
    },
  })
