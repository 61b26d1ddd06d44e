/** A control plane whose page goes on with the first token, whatever is entered. */
import { run } from '../reference/control-plane/run.ts'
import type { Lie } from './kit/lie.ts'
import { pageWith } from './kit/page.ts'

export default {
  part: 'control-plane',
  why: 'its page goes on with the first token, whatever is entered',
  refutes: {
    'E2E-006': ['again'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    makePage: pageWith({
      file: 'api.js',
      from: 'if (token !== null) headers.authorization = `Bearer ${token}`',
      to: 'if (token !== null) headers.authorization = `Bearer ${(globalThis.first ??= token)}`',
    }),
  })
}
