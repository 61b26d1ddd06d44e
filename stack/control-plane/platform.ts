/** What the control plane's commands act on: the servers and poolers of this very stack, which go on belonging to it and to its ledger. */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { HarnessError } from '../harness-error.ts'
import type { Address, Running } from '../launch.ts'
import { limitMs } from '../limits.ts'

/** One command that the control plane had carried out, or tried to. */
export interface Order {
  readonly verb: 'start' | 'stop'
  readonly cluster: string
}

/** What an entry does with the platform. */
export interface Platform {
  /** In the order they were given. */
  readonly orders: readonly Order[]
  /** Until disposed, whatever is to start waits. */
  hold(): Disposable
  /** Until disposed, nothing is started: the command fails for good. */
  refuse(): Disposable
}

export interface OwnedPlatform extends Platform, AsyncDisposable {
  readonly address: Address
  readonly secret: string
}

interface Gate {
  held: PromiseWithResolvers<void> | null
  refusing: boolean
}

/** `parts`: servers first. */
export async function openPlatform(parts: () => readonly Running[]): Promise<OwnedPlatform> {
  const secret = randomBytes(24).toString('base64url')
  const orders: Order[] = []
  const gate: Gate = { held: null, refusing: false }
  let running: Promise<unknown> = Promise.resolve()
  const act = async (order: Order): Promise<number> => {
    orders.push(order)
    const starts = order.verb === 'start'
    if (starts && gate.refusing) return 409
    const held = starts ? gate.held?.promise : undefined
    // One after the other: who was cut off may still be at it.
    const acting = running.then(() => held).then(() => (starts ? start(parts()) : stop(parts())))
    running = acting.catch(() => {})
    // What is started is asked after; what was stopped is known to be.
    if (!starts) await acting
    return 200
  }
  const server = createServer((request, response) => {
    const end = (status: number) => response.writeHead(status).end()
    const order = request.headers.authorization === `Bearer ${secret}` ? orderOf(request) : null
    if (order === null) return void end(404)
    act(order).then(end, () => end(500))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    address: { host: '127.0.0.1', port },
    secret,
    orders,
    hold() {
      const held = Promise.withResolvers<void>()
      gate.held = held
      return {
        [Symbol.dispose]() {
          gate.held = null
          held.resolve()
        },
      }
    },
    refuse() {
      gate.refusing = true
      return { [Symbol.dispose]: () => void (gate.refusing = false) }
    },
    async [Symbol.asyncDispose]() {
      gate.held?.resolve()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await running
    },
  }
}

function orderOf({ url = '' }: IncomingMessage): Order | null {
  const [, verb, cluster] = /^\/(start|stop)\/([a-z0-9-]+)$/.exec(url) ?? []
  return cluster === undefined ? null : { verb: verb as Order['verb'], cluster }
}

async function start(parts: readonly Running[]): Promise<void> {
  for (const part of parts) if (!part.alive()) await verbOf(part, 'restart')()
}

/** Poolers first: they would ask after their servers. */
async function stop(parts: readonly Running[]): Promise<void> {
  for (const part of parts.toReversed()) {
    if (!part.alive()) continue
    // A server ends its sessions and writes down what it has; a pooler has nothing to write.
    await verbOf(part, 'kill')(part.kind === 'postgres' ? 'SIGINT' : 'SIGTERM')
    for (const end = performance.now() + limitMs('part-start'); part.alive() && performance.now() < end;) await sleep(10)
    if (part.alive()) await verbOf(part, 'kill')('SIGKILL')
  }
}

function verbOf<V extends 'kill' | 'restart'>(part: Running, verb: V): NonNullable<Running[V]> {
  const act = part[verb]
  if (act === undefined) throw new HarnessError('capability-absent', `${part.name} cannot be put to sleep by this provider`)
  return act.bind(part) as NonNullable<Running[V]>
}
