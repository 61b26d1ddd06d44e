/** Stands between clients and a gateway that may die of what they say: passes everything on, and remembers the last bytes of each connection. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Address } from '../launch.ts'

export interface Tap extends AsyncDisposable {
  readonly address: Address
  /** What clients sent last, in hex, newest connection last. */
  lastWords(): readonly string[]
}

const mostConnections = 8
const mostBytes = 512

export async function openTap(target: Address): Promise<Tap> {
  const sockets = new Set<Socket>()
  const heard: Buffer[] = []
  const remember = (): ((chunk: Buffer) => void) => {
    let at: Buffer = Buffer.alloc(0)
    return (chunk) => {
      const index = heard.indexOf(at)
      if (index >= 0) heard.splice(index, 1)
      at = Buffer.concat([at, chunk]).subarray(-mostBytes)
      heard.push(at)
      if (heard.length > mostConnections) heard.shift()
    }
  }
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (client) => {
    // It comes from where the client came from: limits by address must hold.
    const from = client.remoteAddress === undefined ? {} : { localAddress: client.remoteAddress }
    const gateway = connect({ ...target, ...from, allowHalfOpen: true, noDelay: true })
    for (const socket of [client, gateway]) sockets.add(socket.once('close', () => sockets.delete(socket)))
    client.on('data', remember())
    join(client, gateway)
    join(gateway, client)
  })
  server.listen(0, target.host)
  await once(server, 'listening')
  return {
    address: { host: target.host, port: (server.address() as AddressInfo).port },
    lastWords: () => heard.map((bytes) => bytes.toString('hex')),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Ends are passed on as ends, resets as resets. */
function join(from: Socket, to: Socket): void {
  from.pipe(to)
  from.once('error', () => to.resetAndDestroy())
  from.once('close', () => {
    if (!to.writableEnded) to.destroySoon()
  })
}
