/** A gateway that cuts off a login that stalls and keeps a descriptor of it for ever. */
import { openSync } from 'node:fs'
import { loadConfig, startGateway } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'cuts off a login that stalls and keeps a descriptor of it for ever',
  refutes: { 'ERR-005': ['released'] },
} satisfies Lie

function keepOne(record: object): void {
  if ('reason' in record && record.reason === 'login_timeout') openSync('/dev/null', 'r')
}

if (import.meta.main) {
  const config = loadConfig(process.argv[process.argv.indexOf('--config') + 1]!)
  const gateway = await startGateway(
    config,
    {},
    {
      write(level, record, message) {
        keepOne(record)
        console.log(JSON.stringify({ level, ...record, msg: message }))
      },
    },
  )
  process.on('SIGTERM', () => void gateway.drain(0).then(() => process.exit(0)))
}
