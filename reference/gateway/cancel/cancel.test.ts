import { expect, test } from 'vitest'
import { encodeFrontend, encodeStartup, type BackendMessage } from '../../wire/index.ts'
import type { GatewayConfig } from '../config.ts'
import { makeToken } from '../testing/issuer.ts'
import { passwordMessage, raiseStage, startupPacket, type Client, type Stage } from '../testing/stage.ts'

type Key = BackendMessage & { readonly kind: 'backend-key-data' }

async function open(stage: Stage, minor = 0, tenant = 'tenant-a'): Promise<{ readonly client: Client; readonly key: Key }> {
  const client = await stage.secure()
  client.stream.write(startupPacket({}, minor))
  await client.until('authentication-cleartext')
  client.stream.write(passwordMessage(await makeToken({ claims: { tenant_id: tenant } })))
  const told = await client.until('ready-for-query')
  return { client, key: told.find((message): message is Key => message.kind === 'backend-key-data')! }
}

const packetOf = ({ processId, secret }: Pick<Key, 'processId' | 'secret'>) => encodeStartup({ kind: 'cancel-request', processId, secret })

/** What is answered, which must be nothing; resolves when the gateway has closed. */
async function cancel(stage: Stage, packet: Buffer, client: Client = stage.plain()): Promise<string> {
  client.stream.write(packet)
  return await client.refusal()
}

const outcomesOf = (stage: Stage) => stage.lines.flatMap(({ record }) => (record['event'] === 'cancel' ? [record['outcome']] : []))
const change = (section: Partial<GatewayConfig['cancel']>) => (config: GatewayConfig) => ({
  ...config,
  cancel: { ...config.cancel, ...section },
})

/** What the fake upstream gives out; a cancel request that reaches it must carry it. */
const theirs = packetOf({ processId: 7, secret: Buffer.from('0102030405060708', 'hex') }).subarray(4)

test.each([0, 2])(
  'a client of 3.%i has a key of ours, by which the upstream is asked by its own; over TLS and in the clear; nothing is answered',
  async (minor) => {
    await using stage = await raiseStage()
    const { key } = await open(stage, minor)
    expect(key.secret.length === 4).toBe(minor === 0)
    expect(key.processId).not.toBe(7)
    expect(await cancel(stage, packetOf(key))).toBe('silence')
    expect(await cancel(stage, packetOf(key), await stage.secure())).toBe('silence')
    expect(stage.upstream.packets).toEqual([theirs, theirs])
    expect(outcomesOf(stage)).toEqual(['forwarded', 'forwarded'])
  },
)

test.each([0, 2])('a key of 3.%i is dead when its session is over, and no other key is good', async (minor) => {
  await using stage = await raiseStage()
  const { client, key } = await open(stage, minor)
  const wrong = Buffer.from(key.secret)
  wrong[wrong.length - 1]! ^= 1
  expect(await cancel(stage, packetOf({ ...key, secret: wrong }))).toBe('silence')
  expect(await cancel(stage, packetOf({ ...key, processId: key.processId ^ 256 }))).toBe('silence')
  expect(await cancel(stage, packetOf({ processId: 7, secret: Buffer.from('0102030405060708', 'hex') }))).toBe('silence')
  client.stream.write(encodeFrontend({ kind: 'terminate' }))
  client.stream.destroy()
  await expect
    .poll(async () =>
      (await (await fetch(`http://127.0.0.1:${stage.gateway.operationsPort}/metrics`)).text()).includes('sessions_active 0'),
    )
    .toBe(true)
  expect(await cancel(stage, packetOf(key))).toBe('silence')
  expect(stage.upstream.packets).toEqual([])
  expect(outcomesOf(stage)).toEqual(['unknown', 'unknown', 'unknown', 'unknown'])
})

test('a long key is good at another gateway with the same cancel key, not at one with another', async () => {
  const [one, other] = [Buffer.alloc(32, 1).toString('base64'), Buffer.alloc(32, 2).toString('base64')]
  await using stage = await raiseStage({ change: change({ key: one }) })
  const upstream = stage.config.upstream
  const beside = (key: string) => raiseStage({ change: (config) => ({ ...config, upstream, cancel: { ...config.cancel, key } }) })
  await using second = await beside(one)
  await using third = await beside(other)
  const { key } = await open(stage, 2)
  await cancel(second, packetOf(key))
  await cancel(third, packetOf(key))
  expect([outcomesOf(second), outcomesOf(third)]).toEqual([['forwarded'], ['unknown']])
  expect(stage.upstream.packets).toEqual([theirs])
})

test('beyond the limit of its network a request is not looked at', async () => {
  const perNetwork = { count: 2, windowMs: 60_000 }
  await using stage = await raiseStage({
    change: (config) => ({
      ...change({ perNetwork })(config),
      limits: { ...config.limits, perAddress: { ...config.limits.perAddress, exempt: [] } },
    }),
  })
  const { key } = await open(stage)
  for (let guess = 0; guess < 4; guess++) await cancel(stage, packetOf({ processId: guess, secret: Buffer.alloc(4) }))
  expect(await cancel(stage, packetOf(key))).toBe('silence')
  expect(stage.upstream.packets).toEqual([])
  expect(outcomesOf(stage)).toEqual(['unknown', 'unknown', 'limited'])
})

test('in the clear it may be refused', async () => {
  await using stage = await raiseStage({ change: change({ inTheClear: false }) })
  const { key } = await open(stage)
  expect(await cancel(stage, packetOf(key))).toBe('silence')
  expect(await cancel(stage, packetOf(key), await stage.secure())).toBe('silence')
  expect(outcomesOf(stage)).toEqual(['in_the_clear', 'forwarded'])
})

test('a tenant’s list of networks is for its cancel requests too', async () => {
  await using stage = await raiseStage()
  const { key } = await open(stage)
  await stage.gateway.reload(() => ({ ...stage.config, tenants: { 'tenant-a': { allow: ['192.0.2.0/24'] } } }))
  expect(await cancel(stage, packetOf(key))).toBe('silence')
  expect(outcomesOf(stage)).toEqual(['not_allowed'])
  expect(stage.upstream.packets).toEqual([])
})

test('what is nearly a cancel request is not answered either, whatever its length', async () => {
  await using stage = await raiseStage()
  for (const length of [8, 9, 10, 11, 12, 13, 14, 15, 17, 269, 300]) {
    const packet = Buffer.alloc(length)
    packet.writeUInt32BE(length)
    packet.writeUInt32BE(80_877_102, 4)
    expect(await cancel(stage, packet), `${length} bytes`).toBe('silence')
  }
  expect(stage.upstream.opened()).toBe(0)
  expect((await open(stage)).key.secret).toHaveLength(4)
})

test('what another process on the port was asked, this one does', async () => {
  let hear: (text: string) => void = () => {}
  const told: string[] = []
  const crew = {
    number: 0,
    size: 2,
    gate: null,
    tell: (topic: string, text: string, to?: number) => void (topic === 'cancel' && told.push(`${to}: ${text}`)),
    hear: (topic: string, listener: (text: string, from: number) => void) => {
      if (topic === 'cancel') hear = (text) => listener(text, 1)
      return { [Symbol.dispose]: () => {} }
    },
  }
  await using stage = await raiseStage({ crew })
  const { key } = await open(stage)
  hear(JSON.stringify([key.processId, key.secret.toString('hex'), '127.0.0.1']))
  await expect.poll(() => stage.upstream.packets).toEqual([theirs])
  hear(JSON.stringify([key.processId, '00000000', '127.0.0.1']))
  await cancel(stage, packetOf({ processId: 0x101, secret: Buffer.from('0a0b0c0d', 'hex') }))
  expect(told).toEqual(['1: [257,"0a0b0c0d","127.0.0.1"]'])
  expect(outcomesOf(stage)).toEqual(['elsewhere'])
  expect(stage.upstream.packets).toEqual([theirs])
})
