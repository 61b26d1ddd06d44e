/** A gateway that gives every session the identity of the first. */
import { run, pieces } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'gives every session the identity of the first',
  refutes: { 'CONN-003': ['identity'] },
} satisfies Lie

if (import.meta.main) {
  let first: ReturnType<typeof pieces.signedClaims> | undefined
  await run(process.argv, { signedClaims: (token, role, seal) => (first ??= pieces.signedClaims(token, role, seal)) })
}
