/** A router that talks to its servers in the clear, whatever it was told. */
import { openSocket } from '../reference/router/server/secure.ts'
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'talks to its servers in the clear, whatever it was told',
  refutes: { 'TLS-004': ['verified', 'again'] },
} satisfies Lie

if (import.meta.main) await runRouter(process.argv, { openSocket: (target, begun) => openSocket({ ...target, tls: undefined }, begun) })
