import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventually, hears, meet, stage } from '../testing/echo.ts'

test('refuse: open connections and new ones are reset at once, and afterwards all is as before', async () => {
  await using at = await stage()
  const old = await at.client()
  old.say('1')
  await hears(old, '1')
  {
    await using _ = at.link.refuse()
    await eventually(() => old.ended()).toBe('ECONNRESET')
    const late = meet(connect(at.link.address))
    await eventually(() => late.ended()).toBe('ECONNRESET')
    expect(at.accepted).toHaveLength(1)
  }
  const next = await at.client()
  next.say('2')
  await hears(next, '2')
})

test('one way only: what is asked arrives, the answer waits', async () => {
  await using at = await stage()
  const client = await at.client()
  {
    await using _ = at.link.cut({ direction: 'to-client' })
    client.say('asked')
    await eventually(() => at.link.counters.bytesToServer).toBe(5)
    expect(at.link.counters.bytesToClient).toBe(0)
    expect(client.heard()).toBe('')
  }
  await hears(client, 'asked')
})

test('one way dark: what is asked arrives, the answer is lost, and the connection does not outlive that', async () => {
  await using at = await stage()
  const client = await at.client()
  {
    await using _ = at.link.blackhole({ direction: 'to-client' })
    client.say('asked')
    await eventually(() => at.link.counters.bytesToServer).toBe(5)
    await eventually(() => at.accepted[0]?.bytesWritten).toBe(5)
    expect(client.ended()).toBeNull()
  }
  await eventually(() => client.ended()).toBe('ECONNRESET')
  expect(client.heard()).toBe('')
})

test('reset after n bytes: exactly so many arrive, for each connection anew', async () => {
  await using at = await stage()
  const clients = [await at.client(), await at.client()]
  await using _ = at.link.resetAfter(10, { direction: 'to-client' })
  for (const client of clients) {
    client.say('1234')
    await hears(client, '1234')
    client.say('56789abcdef')
    await eventually(() => client.ended()).toBe('ECONNRESET')
    expect(client.heard()).toBe('123456789a')
  }
  expect(at.link.counters.bytesToClient).toBe(20)
})

test('throttled: no more than the rate passes, all of it arrives, and the sender is held back', async () => {
  await using at = await stage()
  const client = await at.client()
  const bytes = Buffer.alloc(1 << 20, 'abcdefghijk')
  const rate = 200_000
  const throttle = at.link.throttle(rate, { direction: 'to-server' })
  const start = performance.now()
  client.socket.write(bytes)
  await eventually(() => at.link.counters.bytesToServer).toBeGreaterThan(50_000)
  const passed = at.link.counters.bytesToServer
  // A portion goes at once.
  expect(passed / rate).toBeLessThan((performance.now() - start) / 1000 + 0.05)
  await throttle[Symbol.asyncDispose]()
  await eventually(() => client.heard().length).toBe(bytes.length)
  expect(Buffer.from(client.heard(), 'latin1').equals(bytes)).toBe(true)
})

test('jitter: chunks are late by chance, and never overtake each other', async () => {
  await using at = await stage()
  const client = await at.client()
  await using _ = at.link.slow(1, { jitterMs: 8, seed: 'x' })
  let said = ''
  for (let i = 0; i < 20; i++) {
    client.say(`${i} `)
    said += `${i} `
    await sleep(1)
  }
  await hears(client, said)
})

test('a trap freezes the link before the message passes; released, it goes on', async () => {
  await using at = await stage()
  const client = await at.client()
  await using trap = at.link.trap({ direction: 'to-server', match: /^commit/, nth: 2 })
  const say = (text: string) => client.socket.write(Buffer.from(`Q\0\0\0${String.fromCharCode(text.length + 5)}${text}\0`))
  client.socket.write(Buffer.from('00000008 00030000'.replaceAll(' ', ''), 'hex'))
  for (const text of ['begin', 'commit', 'begin', 'commit now']) say(text)
  expect(await trap.sprung).toMatchObject({ direction: 'to-server', type: 'Q', text: 'commit now' })
  expect(trap.met).toBe(2)
  // Whatever came in the same chunk is held with it.
  expect(at.link.counters.bytesToServer).toBeLessThan(8 + 4 * 6 + 26)
  await trap.release()
  await eventually(() => at.link.counters.bytesToServer).toBe(8 + 4 * 6 + 26)
})

test('a trap that is dropped: the message never arrives; one that nobody stepped on says so', async () => {
  await using at = await stage()
  const client = await at.client()
  const trap = at.link.trap({ direction: 'to-server', match: /user=app/ })
  client.socket.write(Buffer.concat([Buffer.from('0000001200030000', 'hex'), Buffer.from('user\0app\0\0')]))
  await trap.sprung
  await trap.drop()
  await eventually(() => client.ended()).toBe('ECONNRESET')
  expect(at.link.counters.bytesToServer).toBe(0)
  const idle = at.link.trap({ direction: 'to-client', match: /x/ })
  await idle.release()
  await expect(idle.sprung).rejects.toThrow('did not pass 1 time(s): 0 seen')
})

const step = fc.oneof(
  fc.record({ kind: fc.constant('say' as const), bytes: fc.uint8Array({ minLength: 1, maxLength: 5_000 }) }),
  fc.record({
    kind: fc.constantFrom('cut' as const, 'slow' as const, 'throttle' as const),
    way: fc.constantFrom('to-server', 'to-client'),
  }),
  fc.record({ kind: fc.constant('heal' as const) }),
)

test('whatever is held, slowed or throttled meanwhile: every byte arrives once and in order', { timeout: 60_000 }, async () => {
  await using at = await stage()
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const client = await at.client()
      const faults = new AsyncDisposableStack()
      const said: Buffer[] = []
      for (const one of steps) {
        if (one.kind === 'say') {
          said.push(Buffer.from(one.bytes))
          client.socket.write(one.bytes)
        } else if (one.kind === 'heal') await sleep(1)
        else {
          const way = { direction: one.way as 'to-server' | 'to-client' }
          if (one.kind === 'cut') faults.use(at.link.cut(way))
          else faults.use(one.kind === 'slow' ? at.link.slow(2, { ...way, jitterMs: 3 }) : at.link.throttle(2_000_000, way))
        }
      }
      await faults.disposeAsync()
      const whole = Buffer.concat(said)
      await eventually(() => client.heard().length).toBe(whole.length)
      client.socket.destroy()
      return Buffer.from(client.heard(), 'latin1').equals(whole)
    }),
    { numRuns: 40 },
  )
})
