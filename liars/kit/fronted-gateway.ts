/** The honest gateway behind a listener that treats connections otherwise: for lies that no single piece of it can tell. */
import { connect, createServer, type Server, type Socket } from 'node:net'
import { loadConfig, startGateway, type Pieces } from '../../reference/gateway/index.ts'

/** What becomes of a client; `back` opens a connection to the honest gateway. */
export type Front = (client: Socket, back: () => Socket, front: Server) => void

/** Runs the gateway's command line with this front, until SIGTERM. */
export async function behind(argv: readonly string[], front: Front, replaced: Partial<Pieces> = {}): Promise<void> {
  const config = loadConfig(argv[argv.indexOf('--config') + 1]!)
  const gateway = await startGateway({ ...config, listen: { host: '127.0.0.1', port: 0 } }, replaced)
  const back = () => connect({ host: '127.0.0.1', port: gateway.port, noDelay: true, allowHalfOpen: true }).on('error', () => {})
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) =>
    front(
      client.on('error', () => {}),
      back,
      server,
    ),
  )
  server.listen(config.listen.port, config.listen.host)
  process.on('SIGTERM', () => void gateway.drain(0).then(() => process.exit(0)))
}

/** The first bytes a client sends, and no more than came at once. */
export function onFirst(client: Socket, then: (chunk: Buffer) => void): void {
  client.once('data', (chunk: Buffer) => {
    client.pause()
    then(chunk)
  })
}

/** From now on the two talk to each other. */
export function join(client: Socket, gateway: Socket): void {
  client.pipe(gateway)
  gateway.pipe(client)
  client.once('close', () => gateway.destroy())
  gateway.once('close', () => client.destroySoon())
}
