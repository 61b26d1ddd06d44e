import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { eventually, hears, meet, stage } from '../testing/echo.ts'
import { openLink } from './open-link.ts'

test('bytes pass both ways and are counted; connections too', async () => {
  await using at = await stage()
  const client = await at.client()
  client.say('hello')
  await hears(client, 'hello')
  expect(at.link.counters).toMatchObject({ opened: 1, closed: 0, bytesToServer: 5, bytesToClient: 5 })
  expect(at.link.open).toBe(1)
  client.socket.end()
  await eventually(() => at.link.open).toBe(0)
  await eventually(() => client.ended()).toBe('closed')
})

test('megabytes pass a slow reader unharmed', async () => {
  await using at = await stage()
  const client = await at.client()
  const bytes = Buffer.alloc(8 << 20, 'abcdefghijk')
  client.socket.pause()
  client.socket.end(bytes)
  await sleep(100)
  client.socket.resume()
  await eventually(() => client.heard().length).toBe(bytes.length)
  expect(Buffer.from(client.heard(), 'latin1').equals(bytes)).toBe(true)
})

test('what nobody reads does not pile up in the link', async () => {
  await using at = await stage((socket) => socket.pause())
  const client = await at.client()
  client.socket.write(Buffer.alloc(128 << 20))
  await sleep(300)
  const passed = at.link.counters.bytesToServer
  await sleep(100)
  // The system's own buffers take some; then it stands still.
  expect(passed).toBeLessThan(64 << 20)
  expect(at.link.counters.bytesToServer).toBe(passed)
})

test('a half-close passes: the answer still comes', async () => {
  await using at = await stage((socket) => {
    let said = ''
    socket.on('data', (chunk) => (said += chunk)).on('end', () => socket.end(`you said ${said}`))
  })
  const client = await at.client()
  client.socket.end('bye')
  await hears(client, 'you said bye')
  await eventually(() => client.ended()).toBe('closed')
})

test('a reset by one side reaches the other', async () => {
  await using at = await stage()
  const [one, two] = [await at.client(), await at.client()]
  for (const client of [one, two]) {
    client.say('x')
    await hears(client, 'x')
  }
  at.accepted[0]!.resetAndDestroy()
  await eventually(() => one.ended()).toBe('ECONNRESET')
  const far = new Promise((resolve) => at.accepted[1]!.once('close', resolve))
  two.socket.resetAndDestroy()
  await far
  await eventually(() => at.link.open).toBe(0)
})

test('when nobody is behind it, a connection is reset', async () => {
  await using at = await stage()
  await using link = await openLink('nobody', { host: '127.0.0.1', port: 1 })
  const client = meet(connect(link.address))
  await eventually(() => client.ended()).toBe('ECONNRESET')
  expect(at.link.open).toBe(0)
})

test('cut: nothing passes, nothing is lost, and it heals; also what connected meanwhile', async () => {
  await using at = await stage()
  const old = await at.client()
  old.say('1')
  await hears(old, '1')
  {
    await using _ = at.link.cut()
    const late = await at.client()
    old.say('2')
    late.say('a')
    await sleep(80)
    expect([old.heard(), late.heard(), at.accepted.length]).toEqual(['1', '', 1])
    setTimeout(() => void late.say('b'), 30)
    await sleep(60)
    await _[Symbol.asyncDispose]()
    await hears(old, '12')
    await hears(late, 'ab')
  }
  old.say('3')
  await hears(old, '123')
})

test('blackhole: accepts and never answers, the server is never dialled; what spoke into it is reset when it heals', async () => {
  await using at = await stage()
  const [spoken, silent] = [await at.client(), await at.client()]
  for (const client of [spoken, silent]) {
    client.say('1')
    await hears(client, '1')
  }
  const fault = at.link.blackhole()
  const late = await at.client()
  late.say('?')
  spoken.say('2')
  await sleep(80)
  expect([late.heard(), spoken.heard(), at.accepted.length]).toEqual(['', '1', 2])
  await fault[Symbol.asyncDispose]()
  await eventually(() => [late.ended(), spoken.ended()]).toEqual(['ECONNRESET', 'ECONNRESET'])
  silent.say('2')
  await hears(silent, '12')
})

test('a client that leaves a blackhole is not kept', async () => {
  await using at = await stage()
  await using _ = at.link.blackhole()
  const client = await at.client()
  await eventually(() => at.link.open).toBe(1)
  client.socket.end()
  await eventually(() => at.link.open).toBe(0)
})

test('slow: each way takes its time, order is kept, also while it heals', async () => {
  await using at = await stage()
  const client = await at.client()
  const fault = at.link.slow(300)
  const start = performance.now()
  client.say('a')
  await hears(client, 'a')
  expect(performance.now() - start).toBeGreaterThanOrEqual(595)
  client.say('b')
  await sleep(5)
  await fault[Symbol.asyncDispose]()
  client.say('c')
  await hears(client, 'abc')
  const healed = performance.now()
  client.say('d')
  await hears(client, 'abcd')
  expect(performance.now() - healed).toBeLessThan(295)
})

test('faults add up and heal apart; healing twice is once', async () => {
  await using at = await stage()
  const client = await at.client()
  const [one, two] = [at.link.cut(), at.link.cut()]
  await one[Symbol.asyncDispose]()
  await one[Symbol.asyncDispose]()
  client.say('x')
  await sleep(50)
  expect(client.heard()).toBe('')
  await two[Symbol.asyncDispose]()
  await hears(client, 'x')
})

test('reset: every open connection, once', async () => {
  await using at = await stage()
  const clients = [await at.client(), await at.client()]
  for (const client of clients) {
    client.say('x')
    await hears(client, 'x')
  }
  await at.link.reset()
  await eventually(() => clients.map((client) => client.ended())).toEqual(['ECONNRESET', 'ECONNRESET'])
  const next = await at.client()
  next.say('y')
  await hears(next, 'y')
})

test('connections made before the part is there wait for it', async () => {
  await using at = await stage()
  await using link = await openLink('later')
  const client = meet(connect(link.address))
  client.say('early')
  await sleep(50)
  expect(client.heard()).toBe('')
  link.aim({ host: '127.0.0.1', port: at.port })
  await hears(client, 'early')
  client.socket.destroy()
})

test('disposing under a fault leaves no socket and no listener', async () => {
  await using at = await stage()
  const link = await openLink('gone', { host: '127.0.0.1', port: at.port })
  const clients = [meet(connect(link.address)), meet(connect(link.address))]
  await eventually(() => link.open).toBe(2)
  link.cut()
  link.blackhole()
  await link[Symbol.asyncDispose]()
  await eventually(() => clients.every((client) => client.ended() !== null)).toBe(true)
  const refused = meet(connect(link.address))
  await eventually(() => refused.ended()).toBe('ECONNREFUSED')
})

test('the ring keeps the last messages, the oldest first', async () => {
  await using at = await stage(() => {})
  const client = await at.client()
  const query = (text: string) => Buffer.concat([Buffer.from('Q'), Buffer.from([0, 0, 0, text.length + 5]), Buffer.from(`${text}\0`)])
  client.socket.write(Buffer.from([0, 0, 0, 9, 0, 3, 0, 0, 0]))
  for (let i = 0; i < 500; i++) client.socket.write(query(`select ${i}`))
  await eventually(() => at.link.recent().at(-1)?.text).toBe('select 499')
  expect(at.link.recent().length).toBe(400)
  expect(at.link.recent()[0]).toMatchObject({ connection: 1, direction: 'to-server', type: 'Q', text: 'select 100' })
})
