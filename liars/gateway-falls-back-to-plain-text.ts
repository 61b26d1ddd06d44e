/** A gateway that talks to its pooler in the clear when TLS does not work out. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'talks to its pooler in the clear when TLS does not work out',
  refutes: { 'SEC-140': ['declined', 'closed', 'stuffed', 'nothing-clear'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    dial: (address, signal) => pieces.dial(address, signal).catch(() => pieces.dial({ ...address, tls: null }, signal)),
  })
}
