/** A control plane whose page says nothing of errors. */
import { run } from '../reference/control-plane/run.ts'
import type { Lie } from './kit/lie.ts'
import { pageWith } from './kit/page.ts'

export default {
  part: 'control-plane',
  why: 'its page says nothing of errors',
  refutes: {
    'E2E-007': ['readable'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    makePage: pageWith({ file: 'notices.js', from: 'export function tell(problem) {', to: 'export function tell(problem) { return' }),
  })
}
