/** A gateway that shows in the list of processes what it is at work on. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'shows in the list of processes what it is at work on',
  refutes: {
    'SEC-117': ['processes'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    decode(text, maxBytes) {
      process.title = text.slice(0, 100)
      return pieces.decode(text, maxBytes)
    },
  })
}
