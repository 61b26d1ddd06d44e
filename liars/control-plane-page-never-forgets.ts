/** A control plane whose page never forgets a token. */
import { run } from '../reference/control-plane/run.ts'
import type { Lie } from './kit/lie.ts'
import { pageWith } from './kit/page.ts'

export default {
  part: 'control-plane',
  why: 'its page never forgets a token',
  refutes: {
    'E2E-006': ['logged-out'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, { makePage: pageWith({ file: 'main.js', from: 'Date.now() - touched >= idleMs', to: 'false' }) })
}
