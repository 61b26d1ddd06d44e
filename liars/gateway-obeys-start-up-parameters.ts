/** A gateway that takes an identity from the start-up packet when there is one in it. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes an identity from the start-up packet when there is one in it',
  refutes: { 'SEC-122': ['refused', 'untouched'] },
} satisfies Lie

if (import.meta.main) {
  let named: readonly (readonly [string, string])[] = []
  await run(process.argv, {
    readWishes(startup) {
      const isOurs = ([name]: readonly [string, string]) => /^orochi\.[a-z_]+$/.test(name)
      named = startup.parameters.filter(isOurs)
      return pieces.readWishes({ ...startup, parameters: startup.parameters.filter((one) => !isOurs(one)) })
    },
    convenience: (token, seal) => new Map([...pieces.convenience(token, seal), ...named]),
  })
}
