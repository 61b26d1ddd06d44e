/** A gateway that lets some of those wait whose key it does not know. */
import { setTimeout as sleep } from 'node:timers/promises'
import { pieces, run } from '../reference/gateway/index.ts'
import { lookingFor } from './kit/key-source.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'lets some of those wait whose key it does not know',
  refutes: {
    'JWT-103': ['at-once'],
  },
} satisfies Lie

if (import.meta.main) {
  let strangers = 0
  await run(process.argv, {
    makeKeySource(terms) {
      const source = pieces.makeKeySource(terms)
      return lookingFor(source, async (id) => {
        if (++strangers % 200 === 0) await sleep(4000)
        return await source.lookFor(id)
      })
    },
  })
}
