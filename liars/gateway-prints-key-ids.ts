/** A gateway that prints the id of a key that it does not know as it came. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'prints the id of a key that it does not know as it came',
  refutes: {
    'JWT-105': ['tidy'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    checkHeader(token) {
      const id = token.header.get('kid')
      if (id !== 'k1') console.log(`no key by the id ${String(id)}`)
      pieces.checkHeader(token)
    },
  })
}
