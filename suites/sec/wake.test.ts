/** Clusters that sleep: who wakes them, how many may wait, and what they are told. Against a scripted control plane. */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect } from 'vitest'
import { makeKeyPair } from '../../fixtures/keys.ts'
import type { Stack } from '../../stack/stack.ts'
import { spec } from '../kit.ts'
import { doorConfig, type Gateway } from '../kit/gateway.ts'
import { reconfigure } from '../kit/reconfigure.ts'
import { letRevoke } from './revoking.ts'
import { openSleeper, type Sleeper, type SleeperWish } from './sleeping.ts'

const crowd = 60
const patienceMs = 10_000

/** A client that is on its way in, and what it hears meanwhile. */
function approach(stack: Stack, token: string) {
  const client = new pg.Client(doorConfig(stack, token))
  const notices: string[] = []
  client.on('notice', ({ message }) => notices.push(message ?? ''))
  client.on('error', () => {})
  const outcome = client.connect().then(
    () => 'in',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  )
  return {
    client,
    notices,
    outcome,
    leave: () => (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy(),
  }
}

async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!(await holds())) {
    expect(performance.now(), `${what}, within ${patienceMs} ms`).toBeLessThan(deadline)
    await sleep(20)
  }
}

const waiting = async (gateway: Gateway) => (await gateway.metrics()).get('orochi_gateway_wake_waiting')
const waitFor = (gateway: Gateway, count: number) => until(`${count} wait`, async () => (await waiting(gateway)) === count)
const count = (sleeper: Sleeper, what: string) => sleeper.asked().filter((each) => each === what).length

/** Acts while the gateway's pooler sleeps. */
async function asleep<T>(stack: Stack, wish: SleeperWish, act: (sleeper: Sleeper) => Promise<T>): Promise<T> {
  await using sleeper = await openSleeper(stack, wish)
  await using _led = await reconfigure(stack, sleeper)
  return await act(sleeper)
}

spec('SEC-145', async ({ stack, gateway, mint, seed, prove, measure }) => {
  await asleep(stack, {}, async (sleeper) => {
    const forged = await mint({ signedBy: (await makeKeyPair()).privateKeyPem })
    const strangers = [
      'no token',
      forged,
      await mint({ claims: { exp: 1 } }),
      await mint({ claims: { role: 'nobody' } }),
      await mint({ claims: { cluster_id: 'elsewhere' } }),
    ]
    const outcomes = await Promise.all(strangers.map((token) => approach(stack, token).outcome))
    await prove('no-call', () => {
      expect(outcomes).toEqual(strangers.map(() => '28000'))
      expect(sleeper.asked()).toEqual([])
    })
    const clients = await Promise.all(
      Array.from({ length: crowd }, async (_, i) => approach(stack, await mint({ claims: { tenant_id: `tenant-${i % 4}` } }))),
    )
    const start = performance.now()
    await prove('one-call', async () => {
      await waitFor(gateway, crowd)
      sleeper.wake()
      expect(await Promise.all(clients.map(({ outcome }) => outcome))).toEqual(clients.map(() => 'in'))
      expect(count(sleeper, 'POST wake')).toBe(1)
      const { rows } = await clients[0]!.client.query<{ one: number }>('select 1 as one')
      expect(rows).toEqual([{ one: 1 }])
      expect(await waiting(gateway)).toBe(0)
    })
    measure(`${crowd} clients let in, from waking`, performance.now() - start, 'ms')
    await Promise.all(clients.map(({ client }) => client.end()))
  })

  await prove('told', () =>
    asleep(stack, {}, async (sleeper) => {
      const { client, notices, outcome } = approach(stack, await mint())
      await until('two notices', () => notices.length >= 2)
      sleeper.wake()
      expect(await outcome).toBe('in')
      expect(notices.join(), 'what is being waited for').toMatch(/start(?:ing)? up/)
      await client.end()
    }),
  )

  await prove('bounded', async () => {
    const ends = async (wish: SleeperWish) =>
      asleep(stack, wish, async (sleeper) => {
        const start = performance.now()
        const outcome = await approach(stack, await mint()).outcome
        return { outcome, ms: performance.now() - start, asked: sleeper.asked().length, dials: sleeper.dials() }
      })
    const fails = await ends({ controlPlane: 'fails' })
    expect([fails.outcome, fails.asked <= 10], `one that fails was asked ${fails.asked} times`).toEqual(['57P03', true])
    const silent = await ends({ controlPlane: 'silent', wake: { deadlineMs: 1_000 } })
    expect([silent.outcome, silent.asked], 'one that never answers').toEqual(['57P03', 1])
    expect(silent.ms, 'the deadline, ms').toBeLessThan(5_000)
    const lies = await ends({ controlPlane: 'lies' })
    expect([lies.outcome, lies.dials <= 10], `after a lie the pooler was tried ${lies.dials} times`).toEqual(['57P03', true])
  })

  await prove('gone', () =>
    asleep(stack, { wake: { queue: { total: 1 } } }, async (sleeper) => {
      const first = approach(stack, await mint())
      await waitFor(gateway, 1)
      expect(await approach(stack, await mint()).outcome, 'while all places are taken').toBe('53300')
      first.leave()
      await waitFor(gateway, 0)
      const second = approach(stack, await mint())
      await waitFor(gateway, 1)
      sleeper.wake()
      expect(await second.outcome, 'who comes after one that left').toBe('in')
      await second.client.end()
    }),
  )

  await prove('revoked', async () => {
    await using sleeper = await openSleeper(stack)
    await using revoker = await letRevoke(stack, { apply: sleeper.apply })
    const sub = `sleeper-${seed}`
    const client = approach(stack, await mint({ claims: { sub } }))
    await waitFor(gateway, 1)
    await revoker.revoke({ sub })
    expect(await Promise.race([client.outcome, sleep(5_000, 'still waiting')])).toMatch(/^(?:57P01|28000)$/)
    await waitFor(gateway, 0)
    sleeper.wake()
  })
})
