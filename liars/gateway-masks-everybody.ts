/** A gateway that masks every name in its login records. */
import { makeLog, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'masks every name in its login records',
  refutes: {
    'SEC-119': ['kept'],
  },
} satisfies Lie

if (import.meta.main) {
  const { write } = makeLog('info')
  await run(process.argv, {}, { write: (level, record, message) => write(level, { ...record, user: '(masked)' }, message) })
}
