/** A gateway that finds cluster and branch anywhere in a host name. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'finds cluster and branch anywhere in a host name',
  refutes: {
    'SEC-138': ['strict', 'nothing-reached'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    readWishes(startup, terms) {
      const [cluster, branch] = terms?.host?.match(/[a-z0-9]+(?:-[a-z0-9]+)*/g) ?? []
      const host = cluster === undefined || branch === undefined ? null : `${cluster}.${branch}.db.orochi.test`
      return pieces.readWishes(startup, { fallbacks: [], ...terms, host })
    },
  })
}
