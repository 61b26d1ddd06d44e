/** A gateway that takes every version of the protocol for its own. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes every version of the protocol for its own',
  refutes: { 'SEC-134': ['majors'] },
} satisfies Lie

const parameters = [
  ['user', 'tenant_user'],
  ['database', 'orochi'],
] as const

if (import.meta.main) {
  const check = (startup: object) => void Object.assign(startup, { major: 3, parameters })
  await run(process.argv, { versions: { ...pieces.versions, check } })
}
