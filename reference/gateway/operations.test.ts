import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { answerFrom, makeOperations, maxBodyBytes, type Routes } from './operations.ts'

const routes: Routes = {
  'GET /health': () => ({ status: 200, body: 'alive\n' }),
  'POST /echo': ({ body, query, authorization }) => ({ status: 202, body: JSON.stringify({ body, query, authorization }) }),
}

async function raise(): Promise<AsyncDisposable & { readonly base: string; readonly port: number }> {
  const server = makeOperations((request) => answerFrom(routes, request)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, base: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => void server.close().closeAllConnections() }
}

test('a request is answered by its method and path, with its query, its credential and its body', async () => {
  await using operations = await raise()
  const answer = await fetch(`${operations.base}/echo?a=1`, { method: 'POST', body: 'words', headers: { authorization: 'Bearer x' } })
  expect([answer.status, await answer.json()]).toEqual([202, { body: 'words', query: 'a=1', authorization: 'Bearer x' }])
})

test.each([
  ['GET', '/nowhere', 404],
  ['GET', '/constructor', 404],
  ['DELETE', '/health', 405],
  ['GET', '/echo', 405],
])('%s %s: %i, with the names of what there is', async (method, path, status) => {
  await using operations = await raise()
  const answer = await fetch(operations.base + path, { method })
  expect([answer.status, await answer.text()]).toEqual([status, 'there are GET /health, POST /echo\n'])
})

test('HEAD is GET without the body', async () => {
  await using operations = await raise()
  const answer = await fetch(`${operations.base}/health`, { method: 'HEAD' })
  expect([answer.status, answer.headers.get('content-length'), await answer.text()]).toEqual([200, '6', ''])
})

test('a body that is too long is not read to its end', async () => {
  await using operations = await raise()
  const answer = await fetch(`${operations.base}/echo`, { method: 'POST', body: 'x'.repeat(maxBodyBytes + 1) })
  expect(answer.status).toBe(413)
})

test('what is no HTTP, or no path, is refused and ends nothing', async () => {
  await using operations = await raise()
  for (const request of ['GET // HTTP/1.1\r\nHost: x\r\n\r\n', 'nonsense\r\n\r\n']) {
    const socket = connect(operations.port, '127.0.0.1').on('error', () => {})
    socket.end(request)
    await text(socket).catch(() => '')
  }
  expect((await fetch(`${operations.base}/health`)).status).toBe(200)
})
