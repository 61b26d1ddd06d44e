/** A gateway that opens a connection to the pooler for whoever comes near. */
import { addressesOf, loadConfig, pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'opens a connection to the pooler for whoever comes near',
  refutes: { 'SEC-150': ['opening', 'password', 'encryption'] },
} satisfies Lie

if (import.meta.main) {
  const file = process.argv[process.argv.indexOf('--config') + 1]!
  await run(process.argv, {
    async arrive(socket, door, attempt) {
      const [at] = addressesOf(loadConfig(file).upstream!)!
      const gone = new AbortController()
      socket.once('close', () => gone.abort())
      await pieces.dial({ name: 'the pooler', at: at as { host: string; port: number }, tls: null }, gone.signal)
      return await pieces.arrive(socket, door, attempt)
    },
  })
}
