/** A control plane that does what it is asked before it looks who asks. */
import { run } from '../reference/control-plane/run.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'control-plane',
  why: 'does what it is asked before it looks who asks',
  refutes: { 'ERR-002': ['nothing'] },
} satisfies Lie

if (import.meta.main)
  await run(process.argv, {
    async admit({ authenticate, act }) {
      await act({ subject: 'anybody', cluster: null, endMs: Number.POSITIVE_INFINITY })
      await authenticate()
    },
  })
