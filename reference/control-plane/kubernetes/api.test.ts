import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { listOwn } from './objects.ts'
import { testConfig } from './testing/plans.ts'
import { apiFor, quick } from './testing/stage.ts'
import { startFakeApiServer } from './testing/fake-api-server.ts'

const list = { method: 'GET', path: '/api/v1/namespaces/orochi-cloud/pods' } as const
const signal = () => AbortSignal.timeout(10_000)

test.each([429, 500, 502, 503, 504, 0])('an answer %s is asked for again, until there is a better one', async (status) => {
  await using server = await startFakeApiServer()
  server.trouble({ on: /pods/, status, times: 2 })
  await expect(apiFor(server.url).request(list, signal())).resolves.toMatchObject({ items: [] })
  expect(server.asked).toHaveLength(3)
})

test.each([400, 401, 403, 404, 409, 422])('an answer %s is final', async (status) => {
  await using server = await startFakeApiServer()
  server.trouble({ on: /pods/, status, times: 2 })
  await expect(apiFor(server.url).request(list, signal())).rejects.toMatchObject({ status })
  expect(server.asked).toHaveLength(1)
})

test('there is an end to trying', async () => {
  await using server = await startFakeApiServer()
  server.trouble({ on: /pods/, status: 503, times: 100 })
  await expect(apiFor(server.url).request(list, signal())).rejects.toMatchObject({ status: 503 })
  expect(server.asked).toHaveLength(quick.tries)
})

test('a server that says when is not asked before', async () => {
  await using server = await startFakeApiServer()
  server.trouble({ on: /pods/, status: 429, headers: { 'retry-after': '1' } })
  const begun = performance.now()
  await apiFor(server.url).request(list, signal())
  expect(performance.now() - begun).toBeGreaterThan(950)
})

test('a slow answer is not waited for beyond its time, and a signal ends everything at once', async () => {
  await using server = await startFakeApiServer()
  server.trouble({ on: /pods/, status: null, afterMs: 3_000, times: 10 })
  const api = apiFor(server.url, { ...quick, answerMs: 100, tries: 2 })
  await expect(api.request(list, signal())).rejects.toMatchObject({ status: 0 })
  expect(server.asked).toHaveLength(2)
  const stop = new AbortController()
  const asking = apiFor(server.url).request(list, stop.signal)
  stop.abort(new Error('stopped'))
  await expect(asking).rejects.toThrow('stopped')
})

test('an answer that is no JSON, and nobody there', async () => {
  const odd = createServer((_, response) => void response.end('<html>')).listen(0, '127.0.0.1')
  await once(odd, 'listening')
  const { port } = odd.address() as AddressInfo
  await expect(apiFor(`http://127.0.0.1:${port}`).request(list, signal())).rejects.toMatchObject({ status: 0 })
  odd.closeAllConnections()
  await new Promise((done) => odd.close(done))
  await expect(apiFor(`http://127.0.0.1:${port}`).request(list, signal())).rejects.toMatchObject({
    message: expect.stringContaining('ECONNREFUSED') as string,
  })
})

test('pages are put together', async () => {
  await using server = await startFakeApiServer()
  server.store.pageSize = 2
  const labels = {
    'app.kubernetes.io/managed-by': 'orochi-control-plane',
    'orochi.cloud/installation': 'default',
    'orochi.cloud/cluster': 'acme',
  }
  for (const n of [1, 2, 3, 4, 5]) server.store.update(list.path, `p${n}`, 'kubelet', { metadata: { labels } })
  const place = { api: apiFor(server.url), config: testConfig(), owner: { clusterId: 'acme', installation: 'default' }, signal: signal() }
  expect((await listOwn(place, 'Pod')).map(({ metadata }) => metadata.name)).toEqual(['p1', 'p2', 'p3', 'p4', 'p5'])
})
