/** A gateway that looks a key up by its id alone, whosever it is. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'looks a key up by its id alone, whosever it is',
  refutes: {
    'JWT-112': ['own', 'foreign'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    selectKey(token, issuers) {
      const issuer = issuers.find((one) => one.issuer === token.claims.get('iss'))
      const key = issuers.flatMap(({ keys }) => keys).find(({ id }) => id === token.header.get('kid'))
      return issuer === undefined || key === undefined ? pieces.selectKey(token, issuers) : { issuer, key }
    },
  })
}
