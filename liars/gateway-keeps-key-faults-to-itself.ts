/** A gateway that leaves keys out and does not say why. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'leaves keys out and does not say why',
  refutes: {
    'ERR-004': ['error'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, { readKeySet: (text, terms) => ({ ...pieces.readKeySet(text, terms), left: [] }) })
}
