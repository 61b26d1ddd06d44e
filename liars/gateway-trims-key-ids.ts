/** A gateway that finds a key also by an id that is longer, in capitals, or a number. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'finds a key also by an id that is longer, in capitals, or a number',
  refutes: {
    'JWT-105': ['refused'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    checkHeader: () => {},
    selectKey(token, issuers) {
      const [issuer] = issuers
      const key = issuer!.keys.find(({ id }) => String(token.header.get('kid')).toLowerCase().startsWith(id.toLowerCase()))
      return key === undefined ? pieces.selectKey(token, issuers) : { issuer: issuer!, key }
    },
  })
}
