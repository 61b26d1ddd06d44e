import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { FetchFault, fetchDocument } from './fetch-document.ts'

type Serve = (request: IncomingMessage, response: ServerResponse) => void

async function served(serve: Serve) {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => (requests.push(request), serve(request, response))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`
  const terms = { url, privateNetwork: false, maxBytes: 1000, connectTimeoutMs: 2000, timeoutMs: 300 }
  return {
    requests,
    url,
    fetch: (etag?: string) => fetchDocument(terms, etag),
    fault: (more: Partial<typeof terms> = {}) =>
      fetchDocument({ ...terms, ...more }).then(
        () => 'fetched',
        (cause: unknown) => (cause instanceof FetchFault ? cause.kind : String(cause)),
      ),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

test('a document comes with its tag, and what did not change does not come again', async () => {
  await using site = await served((request, response) => {
    if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end()
    else response.writeHead(200, { etag: '"1"' }).end('{}')
  })
  expect(await site.fetch()).toEqual({ changed: true, text: '{}', etag: '"1"' })
  expect(await site.fetch('"1"')).toEqual({ changed: false })
})

test('a redirect is not followed', async () => {
  await using other = await served((_, response) => void response.end('{}'))
  await using site = await served((_, response) => void response.writeHead(302, { location: other.url }).end())
  expect(await site.fault()).toBe('redirect')
  expect(other.requests).toHaveLength(0)
})

test.each<[string, Serve]>([
  ['status', (_, response) => void response.writeHead(500).end('{}')],
  ['status', (_, response) => void response.writeHead(304).end()],
  ['too-large', (_, response) => void response.writeHead(200, { 'content-length': 1001 }).end('x'.repeat(1001))],
  ['too-large', (_, response) => void (response.write('x'.repeat(600)), response.end('x'.repeat(600)))],
  ['encoding', (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('x')],
  ['timeout', () => {}],
  ['timeout', (_, response) => void response.write('{')],
  ['unreachable', (request) => void request.socket.destroy()],
  [
    'cut',
    (request, response) =>
      void (response.writeHead(200, { 'content-length': 10 }).write('x'), setTimeout(() => request.socket.destroy(), 20)),
  ],
  ['unreachable', (_, response) => void response.writeHead(200, { 'x-long': 'x'.repeat(20_000) }).end('{}')],
])('%s is a fault, and the wait has an end', async (kind, serve) => {
  await using site = await served(serve)
  expect(await site.fault()).toBe(kind)
})

test('nothing is fetched from out of reach, whatever the URL says', async () => {
  await using site = await served((_, response) => void response.end('{}'))
  expect(await site.fault({ url: site.url.replace('127.0.0.1', '[::ffff:127.0.0.1]') })).not.toBe('fetched')
  expect(site.requests).toHaveLength(0)
})
