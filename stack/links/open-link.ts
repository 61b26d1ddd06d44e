/** A Link: a TCP relay in front of a part that counts, remembers a little, and can be broken on purpose. */
import { createServer, type Server, type Socket } from 'node:net'
import { freePort } from '../providers/ports.ts'
import type { Address } from '../launch.ts'
import type { Jitter, Link, LinkMessage, OneWay, Trap, TrapWish } from '../stack.ts'
import { converse, type Conversation } from './conversation.ts'
import { followMessages, type Direction } from './decode.ts'
import { noFaults } from './faults.ts'
import { makeRing } from './ring.ts'
import { setTrap, type SetTrap } from './trap.ts'

const host = '127.0.0.1'
const remembered = 400
const bindTries = 5

export type OwnedLink = Link &
  AsyncDisposable & {
    /** Says where the part is; connections made before that wait for it. */
    aim(to: Address): void
  }

/** Listens on a free loopback port and relays to a part. */
export async function openLink(target: string, to: Address | null = null): Promise<OwnedLink> {
  const relay = new Relay(target)
  await relay.listen()
  if (to !== null) relay.aim(to)
  return relay
}

class Relay implements OwnedLink {
  readonly target: string
  address: Address = { host, port: 0 }
  readonly counters = { opened: 0, closed: 0, bytesToServer: 0, bytesToClient: 0 }
  #to: Address | null = null
  readonly #ring = makeRing(remembered)
  readonly #conversations = new Set<Conversation>()
  readonly #traps = new Set<SetTrap>()
  readonly #faults = noFaults(() => this.#update())
  readonly #server: Server

  constructor(target: string) {
    this.target = target
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => this.#accept(client))
  }

  get open(): number {
    return this.counters.opened - this.counters.closed
  }

  async listen(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const port = await freePort(host)
      try {
        await listenOn(this.#server, port)
        this.address = { host, port }
        return
      } catch (error) {
        if (attempt === bindTries) throw error
      }
    }
  }

  aim(to: Address): void {
    this.#to = to
    this.#update()
  }

  recent(): readonly LinkMessage[] {
    return this.#ring.recent()
  }

  cut(way: OneWay = {}): AsyncDisposable {
    return this.#faults.add({ ...way, held: true })
  }

  refuse(): AsyncDisposable {
    return this.#faults.add({ refused: true })
  }

  blackhole(way: OneWay = {}): AsyncDisposable {
    return this.#faults.add({ ...way, dark: true })
  }

  slow(delayMs: number, way: OneWay & Jitter = {}): AsyncDisposable {
    return this.#faults.add({ ...way, delayMs })
  }

  throttle(bytesPerSecond: number, way: OneWay = {}): AsyncDisposable {
    return this.#faults.add({ ...way, bytesPerSecond })
  }

  resetAfter(bytes: number, way: OneWay = {}): AsyncDisposable {
    return this.#faults.add({ ...way, resetAfterBytes: bytes })
  }

  trap(wish: TrapWish): Trap {
    const trap = setTrap(wish, { faults: this.#faults, reset: () => this.reset(), gone: (one) => this.#traps.delete(one) })
    this.#traps.add(trap)
    return trap
  }

  async reset(): Promise<void> {
    for (const conversation of [...this.#conversations]) conversation.reset()
  }

  #accept(client: Socket): void {
    const connection = ++this.counters.opened
    const conversation = converse(client, {
      faults: this.#faults,
      to: () => this.#to,
      watch: (direction) => this.#watch(connection, direction),
      closed: () => {
        this.counters.closed++
        this.#conversations.delete(conversation)
      },
    })
    this.#conversations.add(conversation)
  }

  #watch(connection: number, direction: Direction) {
    const follow = followMessages(direction)
    return {
      arrived: (chunk: Buffer) => {
        for (const seen of follow(chunk)) this.#note({ at: Date.now(), connection, direction, ...seen })
      },
      passed: (bytes: number) => {
        this.counters[direction === 'to-server' ? 'bytesToServer' : 'bytesToClient'] += bytes
      },
    }
  }

  #note(message: LinkMessage): void {
    this.#ring.add(message)
    for (const trap of this.#traps) trap.look(message)
  }

  #update(): void {
    for (const conversation of [...this.#conversations]) conversation.update()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const conversation of [...this.#conversations]) conversation.reset()
    await closed
  }
}

function listenOn(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
