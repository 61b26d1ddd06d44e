import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { pump } from './pump.ts'

/** Two connections whose inner ends the pump joins. */
async function joined(): Promise<{ client: Socket; upstream: Socket; innerClient: Socket; innerUpstream: Socket } & AsyncDisposable> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const open = async (): Promise<[Socket, Socket]> => {
    const accepted = once(server, 'connection') as Promise<[Socket]>
    const outer = connect({ port: (server.address() as { port: number }).port, host: '127.0.0.1', allowHalfOpen: true })
    return [outer.on('error', () => {}), (await accepted)[0]]
  }
  const [client, innerClient] = await open()
  const [upstream, innerUpstream] = await open()
  const all = [client, upstream, innerClient, innerUpstream]
  const dispose = async () => (all.forEach((socket) => socket.destroy()), server.close(), void (await once(server, 'close')))
  return { client, upstream, innerClient, innerUpstream, [Symbol.asyncDispose]: dispose }
}

async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

test('bytes go both ways, and each half ends by itself', async () => {
  await using way = await joined()
  const over = pump(way.innerClient, way.innerUpstream, { lingerMs: 5000 })
  const request = readAll(way.upstream)
  way.client.end('question')
  expect((await request).toString()).toBe('question')
  const answer = readAll(way.client)
  for (let i = 0; i < 50; i++) way.upstream.write(Buffer.alloc(100_000, i))
  way.upstream.end('last')
  const received = await answer
  expect(received).toHaveLength(5_000_004)
  expect(received.subarray(-4).toString()).toBe('last')
  expect(await over).toBe('client')
})

test('a client that does not read holds the upstream back, and little is kept', async () => {
  await using way = await joined()
  void pump(way.innerClient, way.innerUpstream, { lingerMs: 5000 })
  let handed = 0
  const chunk = Buffer.alloc(65_536)
  const fill = () => {
    while (handed < 400 && way.upstream.write(chunk)) handed++
    handed++
  }
  way.upstream.on('drain', fill)
  fill()
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(handed).toBeLessThan(400)
  expect(way.innerClient.writableLength).toBeLessThanOrEqual(3 * 65_536)
  expect(way.innerUpstream.readableLength).toBeLessThanOrEqual(2 * 65_536)
  way.client.resume()
  await expect.poll(() => handed).toBeGreaterThanOrEqual(400)
})

test.each(['client', 'upstream'] as const)('a %s that breaks takes the other with it', async (side) => {
  await using way = await joined()
  const over = pump(way.innerClient, way.innerUpstream, { lingerMs: 5000 })
  way.client.resume()
  way.upstream.resume()
  way.client.write('x')
  way[side].resetAndDestroy()
  expect(await over).toBe(side)
  expect(way.innerClient.destroyed && way.innerUpstream.destroyed).toBe(true)
})

test('a client that keeps its half open after the upstream ended is let go', async () => {
  await using way = await joined()
  const over = pump(way.innerClient, way.innerUpstream, { lingerMs: 50 })
  way.client.resume()
  way.upstream.end()
  way.upstream.resume()
  expect(await over).toBe('upstream')
})
