/** A gateway that goes on taking clients in when it was told to stop. */
import type { Lie } from './kit/lie.ts'
import { withOperations } from './kit/own-operations.ts'

export default {
  part: 'gateway',
  why: 'goes on taking clients in when it was told to stop',
  refutes: { 'SEC-147': ['refused-new'] },
} satisfies Lie

if (import.meta.main) {
  let asked = 0
  const gateway = await withOperations(
    process.argv,
    ({ answer }) =>
      (request) =>
        asked > 0 && request.path === '/ready' ? { status: 503, body: 'not taking clients\n' } : answer(request),
  )
  process.on('SIGTERM', () => (++asked > 1 ? void gateway.drain(0).then(() => process.exit(0)) : undefined))
}
