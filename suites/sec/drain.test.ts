/** A gateway that is told to stop: nobody new, and those who are there may finish. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { answered, openProbe } from '../../fixtures/probe.ts'
import type { Stack } from '../../stack/stack.ts'
import { wish } from '../kit.ts'

/** Longer than all of this proof may take: whoever is cut off sooner was not cut off by it. */
const spec = wish({ gateway: { settings: { limits: { drainTimeoutMs: 60_000 } } } })

const limitMs = 10_000
const working = 4

async function readiness(stack: Stack): Promise<number> {
  const { host, port } = stack.part('gateway-0').addresses['operations']!
  const answer = await fetch(`http://${host}:${port}/ready`, { signal: AbortSignal.timeout(limitMs) }).catch(() => null)
  return answer?.status ?? 0
}

/** What it comes to in the end, or last. */
async function comesTo<T>(wanted: T, look: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + limitMs
  for (;;) {
    const found = await look()
    if (found === wanted || performance.now() > deadline) return found
    await sleep(50)
  }
}

async function knock({ door }: Stack): Promise<'taken in' | 'turned away'> {
  const probe = await openProbe(door, { deadlineMs: limitMs }).catch(() => null)
  if (probe === null) return 'turned away'
  await using held = probe
  return await held.askTls().then(
    () => 'taken in' as const,
    () => 'turned away' as const,
  )
}

spec('SEC-147', async ({ stack, connect, prove }) => {
  const gateway = stack.part('gateway-0')
  const observer = await connect({ direct: 'server' })
  const [idle, ...busy] = await Promise.all(Array.from({ length: working + 1 }, () => connect()))
  const gone = new Promise<string>((resolve) => idle!.once('end', () => resolve('cut off')))
  idle!.on('error', () => {})
  busy.forEach((client) => client.on('error', () => {}))
  const work = busy.map((client, n) => client.query<{ n: number }>('select $1::int as n, pg_sleep(2) as slept', [n]))
  const finished = Promise.allSettled(work)
  const running = async () =>
    (await observer.query<{ n: number }>("select count(*)::int as n from pg_stat_activity where query like '%as slept%' and state = 'active' and pid <> pg_backend_pid()")).rows[0]!.n // prettier-ignore
  expect(await comesTo(working, running), 'queries at work').toBe(working)

  await gateway.kill!('SIGTERM')
  const unready = await comesTo(503, () => readiness(stack))
  const newcomer = await comesTo('turned away', () => knock(stack))
  await prove('unready', () => expect(unready).toBe(503))
  await prove('refused-new', () => expect(newcomer).toBe('turned away'))
  await prove('finishing', async () => {
    const results = await finished
    expect(results.map((each) => (each.status === 'fulfilled' ? each.value.rows[0]?.n : String(each.reason)))).toEqual([0, 1, 2, 3])
    const more = { rows: [{ one: 1 }] }
    expect(await answered(busy[0]!.query('select 1 as one'), 'a query of a session that was there')).toMatchObject(more)
  })
  await gateway.kill!('SIGTERM').catch(() => {})
  await prove('second', async () => expect(await Promise.race([gone, sleep(limitMs, 'still there')])).toBe('cut off'))
})
