/** A router that reads from the same replica, whatever has become of it. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'reads from the same replica, whatever has become of it',
  refutes: {
    'RW-006': ['left-out'],
    'RW-007': ['elsewhere', 'no-lasting-errors'],
    'RW-011': ['left-out'],
  },
} satisfies Lie

if (import.meta.main) {
  await runRouter(process.argv, {
    chooseServer: (wish, { servers }) => servers.find(({ role }) => role === (wish === 'read' ? 'replica' : 'primary')) ?? servers[0]!,
  })
}
