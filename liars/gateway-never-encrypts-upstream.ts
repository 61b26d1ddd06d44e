/** A gateway that never asks its pooler for TLS. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'never asks its pooler for TLS',
  refutes: { 'SEC-140': ['good', 'nothing-clear'] },
} satisfies Lie

if (import.meta.main) await run(process.argv, { dial: (address, signal) => pieces.dial({ ...address, tls: null }, signal) })
