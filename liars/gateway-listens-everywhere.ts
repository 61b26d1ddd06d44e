/** A gateway whose operations port can be reached from everywhere, whatever its configuration says. */
import { loadConfig, startGateway } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'listens for operators on every address of the machine',
  refutes: { 'SEC-007': ['unreachable'] },
} satisfies Lie

if (import.meta.main) {
  const load = () => {
    const config = loadConfig(process.argv[process.argv.indexOf('--config') + 1]!)
    return { ...config, operations: { ...config.operations!, host: '0.0.0.0' } }
  }
  const gateway = await startGateway(load())
  process.on('SIGHUP', () => void gateway.reload(load))
  process.on('SIGTERM', () => void gateway.drain(0).then(() => process.exit(0)))
}
