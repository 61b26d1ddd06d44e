/** A gateway that gives logins that come at the same time the verdict of the first. */
import { setTimeout as sleep } from 'node:timers/promises'
import { run, pieces } from '../reference/gateway/index.ts'
import type { VerifiedToken } from '../reference/gateway/verify.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'gives logins that come at the same time the verdict of the first',
  refutes: { 'JWT-009': ['same-verdicts'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    makeCache(terms) {
      const cache = pieces.makeCache(terms)
      let flight: Promise<VerifiedToken> | null = null
      return {
        get size() {
          return cache.size
        },
        get(token, verify) {
          flight ??= sleep(5)
            .then(() => cache.get(token, verify))
            .finally(() => (flight = null))
          return flight
        },
      }
    },
  })
}
