/** A router whose admin database has a password that anybody guesses. */
import { readConfig, startRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'has a password for its admin database that anybody guesses',
  refutes: { 'SEC-007': ['admin-database'] },
} satisfies Lie

if (import.meta.main) {
  const config = readConfig(process.argv[process.argv.indexOf('--config') + 1]!)
  const router = await startRouter({ ...config, ...(config.admin && { admin: { ...config.admin, password: 'wrong' } }) })
  process.on('SIGTERM', () => void router[Symbol.asyncDispose]().then(() => process.exit(0)))
}
