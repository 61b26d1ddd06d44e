/** A gateway that calls itself ready while it takes nobody in any more. */
import type { Lie } from './kit/lie.ts'
import { withOperations } from './kit/own-operations.ts'

export default {
  part: 'gateway',
  why: 'calls itself ready while it takes nobody in any more',
  refutes: { 'SEC-147': ['unready'] },
} satisfies Lie

const drainMs = 60_000

if (import.meta.main) {
  const gateway = await withOperations(
    process.argv,
    ({ answer }) =>
      (request) =>
        request.path === '/ready' ? { status: 200, body: 'ready\n' } : answer(request),
  )
  process.on('SIGTERM', () => void gateway.drain(drainMs).then(() => process.exit(0)))
}
