/** A gateway that keeps the last token it refused in a file beside its configuration. */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'keeps the last token it refused in a file beside its configuration',
  refutes: {
    'SEC-117': ['files'],
  },
} satisfies Lie

if (import.meta.main) {
  const file = join(dirname(process.argv[process.argv.indexOf('--config') + 1]!), 'refused.txt')
  await run(process.argv, {
    decode(text, maxBytes) {
      writeFileSync(file, text)
      return pieces.decode(text, maxBytes)
    },
  })
}
