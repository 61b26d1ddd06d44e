import { expect, test } from 'vitest'
import { PoolerStats } from './pooler-schemas.ts'
import { raise, adminToken, type Raised } from '../testing/raise.ts'
import { makeTelling, tellingPooler } from '../testing/telling.ts'

const path = '/api/v1/clusters/acme/pooler/stats'

async function raiseTelling() {
  const telling = makeTelling()
  const plane = await raise({ pieces: { fetchMetrics: telling.fetchMetrics } })
  plane.platform.endpointsOf = [tellingPooler]
  await plane.create('acme')
  return { telling, plane, [Symbol.asyncDispose]: () => plane[Symbol.asyncDispose]() }
}

async function open({ base }: Raised, headers: Record<string, string> = {}) {
  const stop = new AbortController()
  const said = { authorization: `Bearer ${await adminToken()}`, accept: 'text/event-stream', ...headers }
  const response = await fetch(base + path, { headers: said, signal: stop.signal })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const until = async (pattern: RegExp) => {
    while (!pattern.test(text)) {
      const { value, done } = await reader.read()
      if (done) throw new Error(`the stream ended with ${text}`)
      text += value
    }
    return text
  }
  return { response, until, [Symbol.dispose]: () => stop.abort() }
}

test('who asks for a stream gets the numbers again and again, troubles among them', async () => {
  await using raised = await raiseTelling()
  using stream = await open(raised.plane)
  expect(stream.response.headers.get('content-type')).toBe('text/event-stream')
  const [first] = [...(await stream.until(/\n\n/)).matchAll(/data: (.*)/g)]
  expect(PoolerStats.parse(JSON.parse(first![1]!))).toMatchObject({ active_connections: 4, idle_connections: 6 })
  await stream.until(/(event: stats[^]*){2}/)
  raised.telling.silent = true
  expect(await stream.until(/event: problem\ndata: .*\n/)).toContain('no pooler instance told its numbers')
  raised.telling.silent = false
  await stream.until(/event: problem[^]*event: stats/)
})

test('everybody else gets them once, also who would take a stream if there were nothing else', async () => {
  await using raised = await raiseTelling()
  for (const accept of ['application/json', '*/*', 'application/json, text/event-stream;q=0.5']) {
    const { status, body } = await raised.plane.ask('GET', path, undefined, { accept })
    expect(status).toBe(200)
    expect(PoolerStats.safeParse(body).success).toBe(true)
  }
})

test('what cannot be told is refused before a stream begins', async () => {
  await using raised = await raiseTelling()
  const { ask, until } = raised.plane
  const accept = { accept: 'text/event-stream' }
  expect((await ask('GET', path, undefined, { ...accept, authorization: 'Bearer x' })).status).toBe(401)
  expect((await ask('GET', '/api/v1/clusters/nobody/pooler/stats', undefined, accept)).status).toBe(404)
  expect((await ask('GET', '/api/v1/clusters/N..B/pooler/stats', undefined, accept)).status).toBe(404)
  await ask('POST', '/api/v1/clusters/acme/suspend')
  await until('acme', 'suspended')
  expect((await ask('GET', path, undefined, accept)).status).toBe(503)
})

test('a control plane that stops ends its streams', async () => {
  const raised = await raiseTelling()
  using stream = await open(raised.plane)
  await stream.until(/event: stats/)
  await raised.plane[Symbol.asyncDispose]()
  await expect(stream.until(/never/)).rejects.toThrow(/ended|terminated|abort/)
})

test('there are no more streams than are allowed', async () => {
  const telling = makeTelling()
  await using plane = await raise({
    pieces: { fetchMetrics: telling.fetchMetrics },
    change: (config) => ({ ...config, limits: { streams: 1 } }),
  })
  plane.platform.endpointsOf = [tellingPooler]
  await plane.create('acme')
  {
    using first = await open(plane)
    await first.until(/event: stats/)
    expect((await plane.ask('GET', path, undefined, { accept: 'text/event-stream' })).status).toBe(503)
  }
  await expect
    .poll(async () => {
      using again = await open(plane)
      return again.response.status
    })
    .toBe(200)
})
