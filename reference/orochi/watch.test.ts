import { expect, test } from 'vitest'
import { call, stats } from './testing/call.ts'
import { startScripted } from './testing/scripted-server.ts'

const path = 'GET /api/v1/clusters/acme/pooler/stats'
const words = (...more: readonly string[]) => ['cluster', 'pooler', 'stats', 'acme', '--watch', '--interval', '0.01', ...more]
const sample = (active_connections: number) => ({ ...stats, active_connections })

test('a control plane without a stream is asked again and again', async () => {
  await using server = await startScripted({ [path]: [{ body: sample(1) }, { body: sample(2) }, { body: sample(3) }] })
  const { code, out } = await call(server.url, words('--count', '3', '--json'))
  expect(code).toBe(0)
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(lines.map((line) => line['active_connections'])).toEqual([1, 2, 3])
  expect(lines[0]).toMatchObject({ cluster_id: 'acme', at: expect.stringMatching(/^\d{4}-.*Z$/) as string })
})

test('events are read from a stream, whatever else comes on it and however it is cut', async () => {
  await using server = await startScripted({
    [path]: ({ headers }, response) => {
      expect(headers.accept).toContain('text/event-stream')
      const text = `: hello\n\nevent: wake\ndata: {}\n\nevent: stats\ndata: ${JSON.stringify(sample(5))}\n\n`
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const letter of text) response.write(letter)
      return null
    },
  })
  const { out } = await call(server.url, words('--count', '1'))
  expect(out.split('\n')).toHaveLength(3)
  expect(out).toMatch(/\t5\t7\t12345\t41\.25\t1\.50\t-$/m)
})

test('on a terminal the picture is drawn in place', async () => {
  await using server = await startScripted({ [path]: { body: sample(1) } })
  const { out } = await call(server.url, words('--count', '2'), { tty: true, env: { NO_COLOR: '1' } })
  expect(out.match(/\u001b\[H\u001b\[2J/g)).toHaveLength(2)
})

test('Ctrl-C is how a watch ends', async () => {
  const stop = new AbortController()
  await using server = await startScripted({ [path]: { body: sample(1) } })
  const { code, err } = await call(server.url, words(), { interrupted: stop.signal, onOut: () => stop.abort() })
  expect({ code, err }).toEqual({ code: 0, err: '' })
})

test('Ctrl-C also ends a stream on which nothing comes', async () => {
  const stop = new AbortController()
  await using server = await startScripted({
    [path]: (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      setTimeout(() => stop.abort(), 50)
      return null
    },
  })
  const { code, err } = await call(server.url, words(), { interrupted: stop.signal })
  expect({ code, err }).toEqual({ code: 0, err: '' })
})

test('a stream that breaks off is a failure, and so is one of another shape', async () => {
  await using server = await startScripted({
    [path]: [
      (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(': hello\n\n', () => response.destroy())
        return null
      },
      { headers: { 'content-type': 'text/event-stream' }, body: 'data: {"active_connections": "many"}\n\n' },
    ],
  })
  expect((await call(server.url, words())).code).toBe(5)
  expect((await call(server.url, words())).code).toBe(1)
})

test('a stream that ends is opened anew', async () => {
  const event = (connections: number) => `data: ${JSON.stringify(sample(connections))}\n\n`
  const headers = { 'content-type': 'text/event-stream' }
  await using server = await startScripted({
    [path]: [
      { headers, body: event(1) },
      { headers, body: event(2) },
    ],
  })
  const { out } = await call(server.url, words('--count', '2', '--json'))
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as typeof stats).active_connections),
  ).toEqual([1, 2])
})
