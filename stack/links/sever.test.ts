import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { sever } from './sever.ts'

/** A server that reads nothing, and a client connected to it. */
async function pair(): Promise<{ server: Server; client: Socket; far: Socket }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => {}).resume())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {})
  const [[far]] = (await Promise.all([once(server, 'connection'), once(client, 'connect')])) as [[Socket], unknown]
  return { server, client, far }
}

const ticks = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => process.nextTick(resolve))
}

test('the far side gets a reset', async () => {
  const { server, client, far } = await pair()
  const error = once(far, 'error')
  sever(client)
  expect(await error).toMatchObject([{ code: 'ECONNRESET' }])
  server.close()
})

test.for([0, 1, 2, 3, 5, 8])('%d ticks after a goodbye it still closes, and so does everything at the end', async (count) => {
  const { server, client, far } = await pair()
  const closed = once(client, 'close')
  client.end()
  await ticks(count)
  sever(client)
  await closed
  far.destroy()
  await new Promise((resolve) => server.close(resolve))
})

test('one that is not connected yet is closed', async () => {
  const { server, client: used, far } = await pair()
  const { port } = server.address() as { port: number }
  const client = connect({ port, host: '127.0.0.1' })
  const closed = once(client, 'close')
  sever(client)
  await closed
  sever(client)
  used.destroy()
  far.destroy()
  server.close()
})
