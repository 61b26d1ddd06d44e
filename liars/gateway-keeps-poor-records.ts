/** A gateway that writes login records with the time of its start, no source, no reason, and the subject of forgeries too. */
import { makeLog, pieces, Refusal, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'writes login records with the time of its start, no source, no reason, and the subject of forgeries too',
  refutes: {
    'AUTH-006': ['time', 'origin', 'reason', 'subject'],
  },
} satisfies Lie

if (import.meta.main) {
  const time = new Date().toISOString()
  const { write } = makeLog('info')
  await run(
    process.argv,
    {
      checkSignature(token, signer) {
        try {
          void pieces.checkSignature(token, signer)
        } catch {
          throw new Refusal('invalid_signature', { sub: String(token.claims.get('sub')) })
        }
      },
    },
    { write: (level, record, message) => write(level, { ...record, time, remote: 'client', reason: 'refused' }, message) },
  )
}
