/** A Link: a TCP relay in front of a part that counts, remembers a little, and can be broken on purpose. */
import { connect, createServer, type Server, type Socket } from 'node:net'
import { freePort } from '../providers/ports.ts'
import type { Address } from '../launch.ts'
import type { Link, LinkMessage } from '../stack.ts'
import { followMessages } from './decode.ts'
import { noFaults } from './faults.ts'
import { openPipe, type Pipe } from './pipe.ts'
import { makeRing } from './ring.ts'

const remembered = 400

export type OwnedLink = Link & AsyncDisposable

/** Listens on a free loopback port and relays to a part. */
export async function openLink(target: string, to: Address): Promise<OwnedLink> {
  const relay = new Relay(target, to)
  await relay.listen()
  return relay
}

interface Pair {
  readonly client: Socket
  readonly server: Socket | null
  readonly pipes: readonly Pipe[]
}

class Relay implements OwnedLink {
  readonly target: string
  address: Address = { host: '127.0.0.1', port: 0 }
  readonly counters = { opened: 0, closed: 0, bytesToServer: 0, bytesToClient: 0 }
  readonly #to: Address
  readonly #ring = makeRing(remembered)
  readonly #faults = noFaults()
  readonly #pairs = new Set<Pair>()
  readonly #server: Server
  /** Clients accepted while nothing passes, by their number; connected on once healed. */
  readonly #waiting = new Map<Socket, number>()

  constructor(target: string, to: Address) {
    this.target = target
    this.#to = to
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => this.#accept(client))
    this.#faults.onChange(() => this.#update())
  }

  get open(): number {
    return this.counters.opened - this.counters.closed
  }

  async listen(): Promise<void> {
    const port = await freePort(this.address.host)
    await new Promise<void>((resolve, reject) => this.#server.once('error', reject).listen({ host: this.address.host, port }, resolve))
    this.address = { host: this.address.host, port }
  }

  recent(): readonly LinkMessage[] {
    return this.#ring.recent()
  }

  cut(): AsyncDisposable {
    return this.#faults.add('silent')
  }

  /** The far side is never dialled: connections made now are accepted and met by silence. */
  blackhole(): AsyncDisposable {
    return this.#faults.add('silent')
  }

  slow(delayMs: number): AsyncDisposable {
    return this.#faults.add('delay', delayMs)
  }

  async reset(): Promise<void> {
    for (const { client, server } of [...this.#pairs]) {
      client.resetAndDestroy()
      server?.resetAndDestroy()
    }
  }

  #accept(client: Socket): void {
    const connection = ++this.counters.opened
    client.once('close', () => this.counters.closed++)
    client.on('error', () => client.destroy())
    if (!this.#faults.silent) return this.#join(client, connection)
    this.#waiting.set(client, connection)
    const held: Buffer[] = []
    // Read on, or the client's leaving would go unnoticed; what it says is kept for the far side.
    client.on('data', (chunk: Buffer) => held.push(chunk))
    client.once('end', () => client.destroy())
    client.once('close', () => this.#waiting.delete(client))
    client.once('orochi:join' as 'resume', () => this.#release(client, held))
    client.resume()
  }

  #release(client: Socket, held: readonly Buffer[]): void {
    client.removeAllListeners('data').removeAllListeners('end')
    client.pause()
    if (held.length > 0) client.unshift(Buffer.concat(held))
  }

  #join(client: Socket, connection: number): void {
    const server = connect({ ...this.#to, allowHalfOpen: true, noDelay: true })
    const close = () => {
      client.destroy()
      server.destroy()
      this.#pairs.delete(pair)
    }
    server.on('error', close)
    client.once('close', () => server.destroy())
    server.once('close', close)
    const pipes = [
      openPipe(client, server, this.#faults, this.#watch(connection, 'to-server')),
      openPipe(server, client, this.#faults, this.#watch(connection, 'to-client')),
    ]
    const pair: Pair = { client, server, pipes }
    this.#pairs.add(pair)
  }

  #watch(connection: number, direction: LinkMessage['direction']): (chunk: Buffer) => void {
    const follow = followMessages(direction)
    return (chunk) => {
      this.counters[direction === 'to-server' ? 'bytesToServer' : 'bytesToClient'] += chunk.length
      for (const seen of follow(chunk)) this.#ring.add({ at: Date.now(), connection, direction, ...seen })
    }
  }

  #update(): void {
    for (const pair of this.#pairs) for (const pipe of pair.pipes) pipe.update()
    if (this.#faults.silent) return
    for (const [client, connection] of [...this.#waiting]) {
      this.#waiting.delete(client)
      client.emit('orochi:join')
      this.#join(client, connection)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#waiting.keys()) client.destroy()
    for (const { client, server } of this.#pairs) {
      client.destroy()
      server?.destroy()
    }
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}
