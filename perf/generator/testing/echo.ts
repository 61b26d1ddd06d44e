/** A server that is in at once and answers each message with ReadyForQuery, as fast as it can; it can be told to stall. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { GeneratorClient } from '../client.ts'
import type { Crowd } from '../crowd.ts'
import type { Statement } from '../statements.ts'

export interface Echo extends AsyncDisposable {
  readonly port: number
  /** Nothing is answered for so many ms from now on. */
  stall(ms: number): void
  crowd(connections: number, statement: Statement): Promise<Crowd>
  /** Closes every connection. */
  drop(): void
}

const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])
const refusal = Buffer.from('E\0\0\0\x0eCXX000\0\0\0\0', 'latin1')

export async function startEcho({ refuseEvery = 0 } = {}): Promise<Echo> {
  const sockets = new Set<Socket>()
  let [until, count] = [0, 0]
  const answer = (socket: Socket) => {
    const waitMs = until - performance.now()
    if (waitMs > 0) return void setTimeout(() => answer(socket), waitMs)
    count++
    socket.write(refuseEvery > 0 && count % refuseEvery === 0 ? Buffer.concat([refusal, ready]) : ready)
  }
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('data', () => answer(socket))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    stall: (ms) => void (until = performance.now() + ms),
    drop: () => sockets.forEach((socket) => socket.destroy()),
    crowd: (connections, statement) => crowdAt(port, connections, statement),
    async [Symbol.asyncDispose]() {
      sockets.forEach((socket) => socket.destroy())
      server.close()
      await once(server, 'close')
    },
  }
}

/** Connections to an echo, wherever it runs. */
export async function crowdAt(port: number, connections: number, statement: Statement): Promise<Crowd> {
  const clients = await Promise.all(Array.from({ length: connections }, () => join(port)))
  return { clients, statement, [Symbol.asyncDispose]: async () => clients.forEach((client) => client.tear()) }
}

async function join(port: number): Promise<GeneratorClient> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  await once(socket, 'connect')
  return new GeneratorClient(socket)
}
