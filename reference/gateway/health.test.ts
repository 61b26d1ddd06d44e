import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { expect, test } from 'vitest'
import { Pooler } from './addresses.ts'
import { watchHealth } from './health.ts'
import { dialUpstream } from './upstream.ts'

async function listenAt(port: number): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => {}).resume()).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

test('a pooler that goes and comes is found down and up again, and nothing is left open', async () => {
  const first = await listenAt(0)
  const { port } = first.address() as AddressInfo
  const pooler = new Pooler({ name: 'p', at: { host: '127.0.0.1', port }, tls: null })
  const isUp = () => pooler.isUp(performance.now())
  using _watch = watchHealth({ poolers: [pooler], intervalMs: 20, dial: dialUpstream, now: () => performance.now() })
  await once(first, 'connection')
  expect(isUp()).toBe(true)
  first.close()
  await expect.poll(isUp, { interval: 5 }).toBe(false)
  const second = await listenAt(port)
  await expect.poll(isUp, { interval: 5 }).toBe(true)
  const sockets = () => new Promise<number>((resolve) => second.getConnections((_, count) => resolve(count)))
  await expect.poll(sockets, { interval: 5 }).toBe(0)
  second.close()
})

test('one that takes connections and never speaks TLS is down', async () => {
  const pooler = new Pooler({ name: 'p', at: { path: '/' }, tls: null })
  const dial = (_address: unknown, signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('cut'))))
  using _watch = watchHealth({ poolers: [pooler], intervalMs: 20, dial, now: () => performance.now() })
  await expect.poll(() => pooler.isUp(performance.now()), { interval: 5 }).toBe(false)
})
