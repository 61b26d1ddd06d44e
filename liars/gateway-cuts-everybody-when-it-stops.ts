/** A gateway that cuts everybody off as soon as it is told to stop. */
import { loadConfig, startGateway } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'cuts everybody off as soon as it is told to stop',
  refutes: { 'SEC-147': ['finishing'] },
} satisfies Lie

if (import.meta.main) {
  const gateway = await startGateway(loadConfig(process.argv[process.argv.indexOf('--config') + 1]!))
  process.on('SIGTERM', () => void gateway.drain(0).then(() => process.exit(0)))
}
