/** Clients that come while the cluster sleeps: who waits, how long, and what they get. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { answered } from '../../fixtures/probe.ts'
import type { Gateway } from '../kit/gateway.ts'
import { wish } from '../kit.ts'
import { openPlane } from './plane.ts'

const limitMs = 30_000
const waitingMetric = 'orochi_gateway_wake_waiting'

const spec = wish({ controlPlane: {} })
const impatient = wish({ controlPlane: { wakeDeadlineMs: 1_000 } })

/** All of them wait, or have got an answer already. */
async function untilWaiting(gateway: Gateway, clients: readonly Promise<unknown>[]): Promise<void> {
  let settled = 0
  for (const client of clients) void client.catch(() => {}).then(() => settled++)
  for (const end = performance.now() + limitMs; performance.now() < end; await sleep(20))
    if ((await gateway.metrics()).get(waitingMetric) + settled >= clients.length) return
  throw new Error(`there are never ${clients.length} clients that wait`)
}

spec('WAKE-003', async (trial) => {
  const { prove, gateway, mint } = trial
  await using plane = await openPlane(trial)
  const token = await mint()
  const serve = async (count: number) => {
    await plane.suspend()
    const mark = plane.platform.orders.length
    const held = plane.platform.hold()
    const clients = Array.from({ length: count }, () => gateway.attempt(token, { query: 'select 1 as one' }))
    await untilWaiting(gateway, clients)
    held[Symbol.dispose]()
    const got = await Promise.all(clients)
    return { got: got.map(({ rows, message }) => rows ?? message), starts: plane.starts(mark) }
  }
  const few = await serve(5)
  await prove('served', () => expect(few.got).toEqual(Array.from({ length: 5 }, () => [{ one: 1 }])))
  await prove('one-wake', () => expect(few.starts).toBe(1))
  const crowd = await serve(200)
  await prove('crowd', () => {
    expect(crowd.got.filter((rows) => JSON.stringify(rows) !== '[{"one":1}]')).toEqual([])
    expect(crowd.starts).toBe(1)
  })
})

spec('WAKE-007', async (trial) => {
  const { prove, gateway, connect, stack } = trial
  await using plane = await openPlane(trial)
  await plane.suspend()
  const part = stack.part('control-plane-0')
  const mark = part.logMark()
  const held = plane.platform.hold()
  const connecting = connect()
  await untilWaiting(gateway, [connecting])
  await sleep(200)
  const [early, state] = [await isSettled(connecting), await plane.status()]
  held[Symbol.dispose]()
  const client = await connecting.catch((cause: Error) => cause)
  const asked = part.logSince(mark).flatMap(({ text }) => internalRequest(text))
  await prove('order', () => {
    expect(asked.slice(0, 2), 'first').toEqual(['GET state', 'POST wake'])
    expect(asked.filter((each) => each === 'POST wake')).toHaveLength(1)
    expect([early, state.state], 'before anything was started').toEqual([false, 'waking'])
    expect(asked.at(-1), 'last').toBe('GET state')
  })
  await prove('answered', async () => {
    if (client instanceof Error) return expect(client.message, 'the login').toBe('in')
    expect((await answered(client.query('select 1 as one'), 'the first query')).rows).toEqual([{ one: 1 }])
  })
})

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  return await Promise.race([promise.then(() => true, () => true), sleep(0, false)]) // prettier-ignore
}

/** `GET state` or `POST wake`, of a line that tells of the gateway's request. */
function internalRequest(line: string): string[] {
  const [, method, what] =
    /"event":"request","method":"(\w+)","path":"\/api\/v1\/internal\/clusters\/[^"/]+\/(state|wake)"/.exec(line) ?? []
  return what === undefined ? [] : [`${method} ${what}`]
}

impatient('WAKE-004', async (trial) => {
  const { prove, gateway, mint } = trial
  await using plane = await openPlane(trial)
  await plane.suspend()
  const held = plane.platform.hold()
  const attempt = await gateway.attempt(await mint())
  const waiting = (await gateway.metrics()).get(waitingMetric)
  const state = await plane.status()
  held[Symbol.dispose]()
  await prove('error', () => {
    expect([attempt.ok, attempt.severity, attempt.sqlstate]).toEqual([false, 'FATAL', '57P03'])
    expect(attempt.message).toMatch(/starting up/)
    expect([attempt.ms >= 900, state.state]).toEqual([true, 'waking'])
  })
  await prove('gone', () => expect(waiting).toBe(0))
})
