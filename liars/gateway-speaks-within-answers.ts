/** A gateway that says that a session ends wherever its stream is. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'says that a session ends wherever its stream is',
  refutes: {
    'SEC-142': ['within-answer'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    pump(client, upstream, terms) {
      const passing = pieces.pump(client, upstream, terms)
      const fromNowOn = upstream.listenerCount('data')
      // Whoever looks at the answers finds them always at their end.
      upstream.on('newListener', (event, listener) => {
        if (event !== 'data' || upstream.listenerCount('data') < fromNowOn) return
        setImmediate(() => upstream.off('data', listener as () => void))
      })
      return passing
    },
  })
}
