/** The honest gateway behind a relay that looks at each connection's first bytes: for sabotage that no single piece of it can do. */
import { connect, createServer } from 'node:net'
import { loadConfig, startGateway } from '../../reference/gateway/index.ts'

export async function runBehind(argv: readonly string[], look: (first: Buffer) => void): Promise<void> {
  const config = loadConfig(argv[argv.indexOf('--config') + 1]!)
  const gateway = await startGateway({ ...config, listen: { ...config.listen, port: 0 } })
  const front = createServer({ allowHalfOpen: true }, (client) => {
    const back = connect({ host: config.listen.host, port: gateway.port, allowHalfOpen: true })
    client.once('data', look)
    client.on('error', () => back.destroy()).pipe(back)
    back.on('error', () => client.destroy()).pipe(client)
    client.once('close', () => back.destroy())
    back.once('close', () => client.destroySoon())
  })
  front.listen(config.listen.port, config.listen.host)
  process.on('SIGTERM', () => process.exit(0))
}
