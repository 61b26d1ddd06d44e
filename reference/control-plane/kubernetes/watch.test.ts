import { expect, test } from 'vitest'
import type { KubeObject } from './kinds.ts'
import type { Place } from './objects.ts'
import { pods } from './testing/controllers.ts'
import { startFakeApiServer, type FakeApiServer } from './testing/fake-api-server.ts'
import { testConfig } from './testing/plans.ts'
import { apiFor } from './testing/stage.ts'
import { untilGone, watchOwn } from './watch.ts'

const labels = {
  'app.kubernetes.io/managed-by': 'orochi-control-plane',
  'orochi.cloud/installation': 'default',
  'orochi.cloud/cluster': 'acme',
}
const pace = { lengthSeconds: 60, pauseMs: 5 }

const placeOf = (server: FakeApiServer): Place => {
  return {
    api: apiFor(server.url),
    config: testConfig(),
    owner: { clusterId: 'acme', installation: 'default' },
    signal: AbortSignal.timeout(10_000),
  }
}
const add = (server: FakeApiServer, name: string) => server.store.update(pods, name, 'kubelet', { metadata: { labels } })
const watches = (server: FakeApiServer) => server.asked.filter((line) => line.includes('watch=true'))
const lists = (server: FakeApiServer) => server.asked.filter((line) => !line.includes('watch=true'))

/** The names seen next. */
function follow(server: FakeApiServer) {
  const watching = watchOwn(placeOf(server), 'Pod', {}, pace)
  const next = async () => ((await watching.next()).value as readonly KubeObject[]).map(({ metadata }) => metadata.name)
  return { next, [Symbol.asyncDispose]: async () => void (await watching.return(undefined)) }
}

test('a list, then each change of it', async () => {
  await using server = await startFakeApiServer()
  add(server, 'a')
  await using seen = follow(server)
  expect(await seen.next()).toEqual(['a'])
  add(server, 'b')
  expect(await seen.next()).toEqual(['a', 'b'])
  server.store.delete(pods, 'a')
  expect(await seen.next()).toEqual(['b'])
})

test('a connection that breaks costs no event: the watch goes on from where it was', async () => {
  await using server = await startFakeApiServer()
  await using seen = follow(server)
  expect(await seen.next()).toEqual([])
  add(server, 'a')
  expect(await seen.next()).toEqual(['a'])
  server.trouble({ on: /watch=true/, status: 503, times: 2 })
  server.cutWatches()
  add(server, 'b')
  expect(await seen.next()).toEqual(['a', 'b'])
  expect(lists(server)).toHaveLength(1)
  expect(watches(server).length).toBeGreaterThanOrEqual(4)
})

test('a server that has forgotten where we were is asked for a new list', async () => {
  await using server = await startFakeApiServer()
  await using seen = follow(server)
  expect(await seen.next()).toEqual([])
  add(server, 'a')
  expect(await seen.next()).toEqual(['a'])
  server.store.oldest = 1_000_000
  server.cutWatches()
  server.store.delete(pods, 'a')
  expect(await seen.next()).toEqual([])
  expect(lists(server).length).toBeGreaterThanOrEqual(2)
})

test('an error on the stream counts as one in an answer', async () => {
  await using server = await startFakeApiServer()
  server.trouble({
    on: /watch=true/,
    status: 200,
    body: { type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old', metadata: {} } },
  })
  await using seen = follow(server)
  expect(await seen.next()).toEqual([])
  expect(await seen.next()).toEqual([])
  expect(lists(server)).toHaveLength(2)
})

test('bookmarks move on where we are, and are nothing to see', async () => {
  await using server = await startFakeApiServer()
  server.trouble({ on: /watch=true/, status: 200, body: { type: 'BOOKMARK', object: { metadata: { resourceVersion: '777' } } } })
  await using seen = follow(server)
  expect(await seen.next()).toEqual([])
  const pending = seen.next()
  await expect.poll(() => watches(server).at(-1)).toContain('resourceVersion=777')
  // Later than the bookmark.
  server.store.version = 800
  add(server, 'a')
  expect(await pending).toEqual(['a'])
})

test('what may not be watched is an error at once', async () => {
  await using server = await startFakeApiServer()
  server.trouble({ on: /watch=true/, status: 403 })
  await expect(untilGone({ ...placeOf(server) }, 'Pod')).resolves.toBeUndefined()
  add(server, 'a')
  server.trouble({ on: /watch=true/, status: 403, times: 10 })
  await expect(untilGone(placeOf(server), 'Pod')).rejects.toMatchObject({ status: 403 })
})

test('a signal ends a watch on which nothing comes', async () => {
  await using server = await startFakeApiServer()
  add(server, 'a')
  const stop = new AbortController()
  const waiting = untilGone({ ...placeOf(server), signal: stop.signal }, 'Pod')
  await expect.poll(() => watches(server).length).toBe(1)
  stop.abort(new Error('stopped'))
  await expect(waiting).rejects.toThrow('stopped')
})
