/** Whose connection it is: by subscriber, by one spelling, and through proxies only where they are trusted. */
import { expect } from 'vitest'
import { answered, openProbe, type Probe } from '../../fixtures/probe.ts'
import { proxyHeader, proxyHeaderOfVersion1 } from '../../fixtures/proxy-header.ts'
import { wish, type Trial } from '../kit.ts'

const connects = 3
const remembered = 200
/** The only peer that may speak for others. */
const proxy = '127.0.9.9'

const spec = wish({
  gateway: {
    settings: {
      access: { proxies: [`${proxy}/32`] },
      limits: {
        rememberedAddresses: remembered,
        perAddress: { connects: { count: connects, windowMs: 3_600_000 }, handshakes: 2, exempt: [] },
      },
    },
  },
})

type Means = Pick<Trial<'SEC-144'>, 'stack' | 'mint'>

interface Knock {
  readonly from?: string
  readonly ahead?: Buffer
}

/** 'in', a SQLSTATE, or how else it ended. */
async function knock({ stack, mint }: Means, { from = proxy, ahead }: Knock): Promise<string> {
  const { door } = stack
  await using probe = await answered(openProbe(door, { from }), 'a connection')
  if (ahead !== undefined) probe.send(ahead)
  try {
    const answer = await probe.askTls()
    if (answer !== 'S') return await firstError(probe, answer)
    await probe.secure({ ca: door.ca, servername: door.servername })
  } catch {
    return 'dropped'
  }
  const login = await probe.logIn({ user: stack.role, database: door.database, password: await mint() })
  return login.ok ? 'in' : (login.error?.sqlstate ?? 'dropped')
}

async function firstError(probe: Probe, answer: string): Promise<string> {
  await probe.ended()
  return answer === 'E' ? 'an error' : `answered ${answer}`
}

/** So many times one after the other, each for the next of the addresses. */
async function knockFor(means: Means, addresses: readonly string[], count: number): Promise<string[]> {
  const fates: string[] = []
  for (let at = 0; at < count; at++) fates.push(await knock(means, { ahead: proxyHeader(addresses[at % addresses.length]!) }))
  return fates
}

const full = [...Array<string>(connects).fill('in'), '53300']

/** Comes for an address, and goes. */
async function pass({ stack }: Means, address: string): Promise<void> {
  await using probe = await openProbe(stack.door, { from: proxy })
  probe.send(proxyHeader(address))
  probe.halfClose()
  await probe.ended()
}

spec('SEC-144', async ({ stack, mint, gateway, prove }) => {
  const means = { stack, mint }
  await prove('subscriber', async () => {
    expect(await knockFor(means, ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1:ffff:0:0:2'], connects + 1), 'one /64').toEqual(full)
    expect(await knockFor(means, ['2001:db8:0:2:0:0:0:1'], 1), 'the next /64').toEqual(['in'])
    expect(await knockFor(means, ['198.51.100.1'], connects + 1), 'one IPv4 address').toEqual(full)
    expect(await knockFor(means, ['198.51.100.2'], 1), 'the next one').toEqual(['in'])
  })
  await prove('mapped', async () => {
    const spellings = ['198.51.100.3', '0:0:0:0:0:ffff:c633:6403']
    expect(await knockFor(means, spellings, connects + 1)).toEqual(full)
  })
  await prove('untrusted', async () => {
    const ahead = proxyHeader('198.51.100.4')
    for (const from of ['127.0.9.1', '127.0.9.8']) expect(await knock(means, { from, ahead })).toMatch(/^(an error|dropped)$/)
    expect(await knock(means, { from: '127.0.9.1', ahead: proxyHeaderOfVersion1('198.51.100.4') })).toMatch(/^(an error|dropped)$/)
    expect(await knockFor(means, ['198.51.100.4'], connects + 1), 'nothing was counted against the address named').toEqual(full)
  })
  await prove('required', async () => {
    expect(await knock(means, {}), 'without').toBe('dropped')
    expect(await knock(means, { ahead: proxyHeaderOfVersion1('198.51.100.5') }), 'version 1').toBe('dropped')
  })
  await prove('stalled', async () => {
    const from = '127.0.9.2'
    const stalled = [await openProbe(stack.door, { from }), await openProbe(stack.door, { from })]
    await using held = new AsyncDisposableStack()
    for (const probe of stalled) expect(await held.use(probe).askTls()).toBe('S')
    expect(await knock(means, { from }), 'beyond its handshakes').toBe('dropped')
    expect(await knock(means, { from: '127.0.9.3' }), 'another one').toBe('in')
    expect(
      stalled.map(({ ending }) => ending),
      'the silent ones are still there',
    ).toEqual([null, null])
  })
  if (!stack.can('gateway-metrics').here) return
  const addresses = Array.from({ length: 3 * remembered }, (_, at) => `203.0.${at >> 8}.${at & 255}`)
  while (addresses.length > 0) await Promise.all(addresses.splice(0, 20).map((address) => pass(means, address)))
  await prove('memory', async () => {
    const { get } = await gateway.metrics()
    const sizes = ['connects', 'failures', 'blocks', 'noted'].map((table) => get('orochi_gateway_remembered_addresses', { table }))
    expect(sizes[0], 'it remembers').toBeGreaterThan(remembered / 4)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(remembered)
  })
})
