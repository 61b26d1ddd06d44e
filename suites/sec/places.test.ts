/** How many connections a tenant may have at once, at one gateway and at two that count together. */
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { expect } from 'vitest'
import { mainPort } from '../../stack/layout.ts'
import type { Attempt } from '../kit/gateway.ts'
import { wish, type Trial } from '../kit.ts'

const places = 2
const few = 'tenant-few'
const deadlineMs = 20_000

const spec = wish({ gateway: { instances: 2, leaseStore: true, settings: { tenants: { [few]: { connections: places } } } } })

type Means = Trial<'SEC-143'> & { readonly token: string }

spec('SEC-143', async (trial) => {
  const means = { ...trial, token: await trial.mint({ claims: { tenant_id: few } }) }
  await proveLimit(means)
  if (!trial.stack.can('lease-store').here) return
  await proveAcross(means)
  if (trial.stack.can('links').here) await proveAway(means)
  await proveReturned(means)
})

async function proveLimit(means: Means): Promise<void> {
  const { token, mint, gateway, prove } = means
  const open = [await enter(means, 'gateway-0'), await enter(means, 'gateway-0')]
  const beyond = await gateway.attempt(token)
  const other = await gateway.attempt(await mint(), { query: 'select 1' })
  await open[0]!.end()
  const next = await eventually(() => gateway.attempt(token, { query: 'select 1' }))
  await prove('limit', () => {
    expect(open).toHaveLength(places)
    expect([beyond.ok, beyond.severity, beyond.sqlstate, beyond.backendsOpened]).toEqual([false, 'FATAL', '53300', 0])
    expect(other.message ?? 'in', 'another tenant').toBe('in')
    expect(next.message ?? 'in', 'when one has left').toBe('in')
  })
  await open[1]!.end()
}

async function proveAcross(means: Means): Promise<void> {
  const { token, gateway, prove } = means
  const at = otherGateway(means)
  const [here, there] = [await enter(means, 'gateway-0'), await enter(means, 'gateway-1')]
  const beyond = [await gateway.attempt(token), await gateway.attempt(token, { at })]
  await there.end()
  const next = await eventually(() => gateway.attempt(token))
  await prove('across', () => {
    expect(beyond.map(({ ok, severity, sqlstate }) => [ok, severity, sqlstate])).toEqual(
      Array.from({ length: 2 }, () => [false, 'FATAL', '53300']),
    )
    expect(next.message ?? 'in', 'when one has left the other gateway').toBe('in')
  })
  await here.end()
}

async function proveAway(means: Means): Promise<void> {
  const { stack, token, mint, gateway, prove } = means
  const inside = await enter(means, 'gateway-0')
  const meanwhile: Attempt[] = []
  let query: unknown
  {
    await using _cut = stack.link('lease-store').cut()
    for (const shown of [token, await mint()]) meanwhile.push(await gateway.attempt(shown))
    query = await inside.query('select 1 as one').then(
      ({ rows }) => rows[0] as unknown,
      (cause: Error) => cause.message,
    )
  }
  const after = await eventually(() => gateway.attempt(token))
  await prove('away', () => {
    expect(meanwhile.map(({ severity, sqlstate }) => [severity, sqlstate])).toEqual(Array.from({ length: 2 }, () => ['FATAL', '57P03']))
    expect(query, 'one who is in').toEqual({ one: 1 })
    expect(after.message ?? 'in', 'when it is back').toBe('in')
  })
  await inside.end()
}

async function proveReturned(means: Means): Promise<void> {
  const { stack, token, gateway, prove } = means
  const part = stack.part('gateway-1')
  if (part.kill === undefined || part.restart === undefined) throw new Error('the gateway cannot be killed and restarted here')
  await Promise.all([enter(means, 'gateway-1'), enter(means, 'gateway-1')])
  const before = await gateway.attempt(token)
  await part.kill('SIGKILL')
  const after = await eventually(() => gateway.attempt(token))
  await part.restart()
  await prove('returned', () => {
    expect(before.sqlstate, 'while it lives').toBe('53300')
    expect(after.message ?? 'in', 'after its end').toBe('in')
  })
}

const otherGateway = ({ stack }: Means) => mainPort(stack.part('gateway-1'))

/** Waits for a place; the one before may be on its way back. */
async function enter(means: Means, gateway: 'gateway-0' | 'gateway-1'): Promise<pg.Client> {
  const { token, connect, stack } = means
  const end = performance.now() + deadlineMs
  for (;;) {
    const client = await connect({ token, at: mainPort(stack.part(gateway)) }).catch((cause: unknown) => cause as Error)
    if (!(client instanceof Error)) return client
    if (performance.now() > end) throw client
    await sleep(50)
  }
}

async function eventually(attempt: () => Promise<Attempt>): Promise<Attempt> {
  const end = performance.now() + deadlineMs
  for (;;) {
    const made = await attempt()
    if (made.ok || performance.now() > end) return made
    await sleep(50)
  }
}
