/** A gateway that prints who wants to log in, as it came. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'prints who wants to log in, as it came',
  refutes: {
    'SEC-148': ['lines', 'no-forgery'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    readWishes(startup, terms) {
      for (const [name, value] of startup.parameters) if (name === 'user') process.stdout.write(`${value}\n`)
      return pieces.readWishes(startup, terms)
    },
  })
}
