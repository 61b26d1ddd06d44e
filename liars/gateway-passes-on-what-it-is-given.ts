/** A gateway that passes start-up parameters on to the pooler as it is given them. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'passes start-up parameters on to the pooler as it is given them',
  refutes: { 'SEC-150': ['login'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    readWishes(startup, terms) {
      const settings = new Map(startup.parameters.filter(([name]) => name !== 'user' && name !== 'database'))
      return { ...pieces.readWishes(startup, terms), settings }
    },
  })
}
