/** A control plane whose page shows what was, not what is. */
import { run } from '../reference/control-plane/run.ts'
import type { Lie } from './kit/lie.ts'
import { pageWith } from './kit/page.ts'

export default {
  part: 'control-plane',
  why: 'its page shows what was, not what is',
  refutes: {
    'E2E-005': ['shown'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    makePage: pageWith(
      { file: 'cluster.js', from: 'for await (const { data } of events(', to: 'for await (const { data } of nothing(' },
      { file: 'cluster.js', from: 'const againMs = 2_000', to: 'const againMs = 2_000_000' },
    ),
  })
}
