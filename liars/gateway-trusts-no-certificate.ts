/** A gateway that finds no certificate good enough. */
import { pieces, Refusal, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'finds no certificate good enough',
  refutes: { 'TLS-005': ['right'] },
} satisfies Lie

if (import.meta.main)
  await run(process.argv, {
    makeCertificates: (terms) => ({
      ...pieces.makeCertificates(terms),
      check() {
        throw new Refusal('certificate_refused')
      },
    }),
  })
