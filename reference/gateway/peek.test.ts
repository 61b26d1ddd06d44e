import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { peekByte } from './peek.ts'

/** What was seen of the first byte, and then everything the socket still gave, for these writes. */
async function peekAt(writes: readonly Buffer[]): Promise<[number | null, string]> {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').setNoDelay()
  const [socket] = (await once(server, 'connection')) as [Socket]
  const peeked = peekByte(socket)
  for (const bytes of writes) {
    client.write(bytes)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  client.end()
  const first = await peeked
  const chunks: Buffer[] = []
  if (first !== null) for await (const chunk of socket) chunks.push(chunk as Buffer)
  socket.destroy()
  server.close()
  return [first, Buffer.concat(chunks).toString()]
}

test('the first byte is seen and stays, however the bytes were split', async () => {
  for (const writes of [['abc'], ['a', 'bc'], ['a', 'b', 'c']])
    expect(await peekAt(writes.map((text) => Buffer.from(text)))).toEqual([97, 'abc'])
})

test('a connection that ends at once has none', async () => {
  expect(await peekAt([])).toEqual([null, ''])
})
