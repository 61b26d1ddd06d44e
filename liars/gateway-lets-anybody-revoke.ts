/** A gateway that takes revocations from whoever brings them. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { loadConfig } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'
import { withOperations } from './kit/own-operations.ts'

export default {
  part: 'gateway',
  why: 'takes revocations from whoever brings them',
  refutes: { 'SEC-007': ['admin-endpoints'] },
} satisfies Lie

if (import.meta.main) {
  const file = process.argv[process.argv.indexOf('--config') + 1]!
  const secret = () => readFileSync(join(dirname(file), 'push.secret'), 'utf8').trim()
  const gateway = await withOperations(
    process.argv,
    ({ answer }) =>
      (request) =>
        answer(request.path === '/revocations' ? { ...request, authorization: `Bearer ${secret()}` } : request),
  )
  process.on('SIGHUP', () => void gateway.reload(() => loadConfig(file)))
  process.on('SIGTERM', () => void gateway.drain(0).then(() => process.exit(0)))
}
