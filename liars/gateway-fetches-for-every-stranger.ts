/** A gateway that asks the issuer about every key id that it does not know. */
import { pieces, run } from '../reference/gateway/index.ts'
import { lookingFor } from './kit/key-source.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'asks the issuer about every key id that it does not know',
  refutes: {
    'JWT-103': ['one-fetch'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    makeKeySource(terms) {
      const source = pieces.makeKeySource(terms)
      return lookingFor(source, async (id) => {
        await terms.fetch(undefined)
        return await source.lookFor(id)
      })
    },
  })
}
