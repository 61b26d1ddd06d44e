import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { call } from './testing/call.ts'
import { startScripted, type Scripted } from './testing/scripted-server.ts'

const wake = ['cluster', 'wake', 'acme']

test.each<readonly [Scripted, number, string, string]>([
  [{ status: 401 }, 4, 'not_authorised', 'give a token that is valid now'],
  [{ status: 403 }, 4, 'not_authorised', 'permission'],
  [{ status: 404, body: { detail: 'no cluster acme' } }, 3, 'not_found', 'orochi cluster list'],
  [{ status: 409 }, 6, 'conflict', 'settled'],
  [{ status: 412 }, 6, 'conflict', 'configure again'],
  [{ status: 422, body: { title: 'not valid', errors: [{ pointer: '/mode', message: 'unknown' }] } }, 1, 'failed', 'change the settings'],
  [{ status: 503, headers: { 'retry-after': '7' } }, 1, 'failed', 'try again in 7 s'],
  [{ status: 429, headers: { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' } }, 1, 'failed', 'try again in 1 s'],
  [{ status: 503 }, 1, 'failed', 'try again in a moment'],
  [{ status: 500, body: '<html>' }, 1, 'failed', 'log of the control plane'],
  [{ status: 302, headers: { location: 'https://evil.test/' } }, 1, 'failed', 'the token is not sent elsewhere'],
  [{ status: 202, body: '<html>' }, 1, 'failed', 'check that --url names a control plane'],
])('%j', async (answer, exit, code, next) => {
  await using server = await startScripted({ 'POST /api/v1/clusters/acme/wake': answer })
  const people = await call(server.url, wake)
  expect(people.code).toBe(exit)
  expect(people.err).toContain(next)
  expect(people.err).not.toContain('good.token.here')
  const program = await call(server.url, [...wake, '--json'])
  expect(program).toMatchObject({ code: exit, out: '' })
  expect(JSON.parse(program.err)).toMatchObject({ error: { code } })
})

test('what a server says cannot steer the terminal, nor fill it', async () => {
  const detail = `\u001b]0;gotcha\u0007${'x'.repeat(100_000)}`
  await using server = await startScripted({ 'POST /api/v1/clusters/acme/wake': { status: 422, body: { detail } } })
  const { err } = await call(server.url, wake)
  expect(err).not.toContain('\u001b')
  expect(err.length).toBeLessThan(3000)
})

test('an answer without an end is given up', async () => {
  await using server = await startScripted({ 'GET /api/v1/clusters': { body: `"${'x'.repeat(5 * 1024 * 1024)}"` } })
  expect(await call(server.url, ['cluster', 'list'])).toMatchObject({ code: 1, err: expect.stringContaining('more than 4 MiB') as string })
})

test('nobody there', async () => {
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const { port } = free.address() as AddressInfo
  await new Promise((done) => free.close(done))
  const { code, err } = await call(`http://127.0.0.1:${port}`, wake)
  expect(code).toBe(5)
  expect(err).toContain('ECONNREFUSED')
  expect(err).toContain('check --url')
})

test('somebody who never answers', async () => {
  await using server = await startScripted({ 'POST /api/v1/clusters/acme/wake': () => null })
  const { code, err } = await call(server.url, [...wake, '--timeout', '0.2'])
  expect(code).toBe(5)
  expect(err).toContain('did not answer within 0.2 s')
})

test('somebody who stops in the midst of an answer', async () => {
  const cut = (_: unknown, response: ServerResponse) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('{"clu', () => response.destroy())
    return null
  }
  await using server = await startScripted({ 'GET /api/v1/clusters': cut })
  expect((await call(server.url, ['cluster', 'list'])).code).toBe(5)
})

test('Ctrl-C ends a wait at once', async () => {
  const stop = new AbortController()
  await using server = await startScripted({
    'POST /api/v1/clusters/acme/wake': { status: 202 },
    'GET /api/v1/clusters/acme/status': () => {
      setTimeout(() => stop.abort(), 20)
      return { body: { cluster_id: 'acme', state: 'waking', is_ready: false } }
    },
  })
  const { code, out } = await call(server.url, [...wake, '--wait'], { interrupted: stop.signal })
  expect({ code, out }).toEqual({ code: 130, out: '' })
})

test('Ctrl-C ends a request that is on', async () => {
  const stop = new AbortController()
  const never = () => (stop.abort(), null)
  await using server = await startScripted({ 'GET /api/v1/clusters/acme/pooler': never })
  expect((await call(server.url, ['cluster', 'pooler', 'status', 'acme'], { interrupted: stop.signal })).code).toBe(130)
})
