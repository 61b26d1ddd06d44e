/** A gateway that keeps a descriptor of each client that it turns away because there are too many. */
import { openSync } from 'node:fs'
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'keeps a descriptor of each client that it turns away because there are too many',
  refutes: { 'CHAOS-007': ['baseline'] },
} satisfies Lie

if (import.meta.main)
  await run(process.argv, {
    makeTenants(terms) {
      const tenants = pieces.makeTenants(terms)
      return {
        ...tenants,
        async seat(admission, guest) {
          return tenants.seat(admission, guest).catch((error: unknown) => {
            openSync('/dev/null', 'r')
            throw error
          })
        },
      }
    },
  })
