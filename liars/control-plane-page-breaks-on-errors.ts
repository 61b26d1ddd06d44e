/** A control plane whose page is gone after an error. */
import { run } from '../reference/control-plane/run.ts'
import type { Lie } from './kit/lie.ts'
import { pageWith } from './kit/page.ts'

export default {
  part: 'control-plane',
  why: 'its page is gone after an error',
  refutes: {
    'E2E-007': ['usable'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    makePage: pageWith({
      file: 'notices.js',
      from: 'export function tell(problem) {',
      to: 'export function tell(problem) { byId("main").replaceChildren(); notify(problem.message); return',
    }),
  })
}
