/** A cluster put to sleep and woken over the API of its control plane. */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect } from 'vitest'
import type { Stack } from '../../stack/stack.ts'
import { wish } from '../kit.ts'
import { openPlane, type Answer, type Plane } from './plane.ts'

const spec = wish({ controlPlane: {} })

spec('WAKE-001', async (trial) => {
  const { prove } = trial
  await using plane = await openPlane(trial)
  const before = await plane.status()
  const told = await plane.ask('POST', '/suspend')
  const seen = [before.state, ...(await plane.until('suspended'))]
  const after = await plane.status()
  await prove('states', () => {
    expect(told.status).toBe(202)
    expect([before.state, before.is_ready]).toEqual(['active', true])
    expect(told.body['state'], 'what the order was answered with').toBe('suspending')
    expect(seen.filter((state) => state !== 'suspending')).toEqual(['active', 'suspended'])
  })
  await prove('not-ready', async () => {
    expect([told.body['is_ready'], after.is_ready]).toEqual([false, false])
    expect(await queryAnswered(trial.stack), 'a query past the pooler').toBe(false)
  })
})

/** Whether Postgres itself answers at this moment. */
async function queryAnswered(stack: Stack): Promise<boolean> {
  const client = new pg.Client({ ...stack.server(0), connectionTimeoutMillis: 5_000, query_timeout: 5_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

spec('WAKE-002', async (trial) => {
  const { prove, stack } = trial
  await using plane = await openPlane(trial)
  await plane.suspend()
  const mark = plane.platform.orders.length
  const held = plane.platform.hold()
  const told = await plane.ask('POST', '/wake')
  const meanwhile = await plane.status()
  await sleep(300)
  const later = await plane.status()
  await prove('accepted', () => {
    expect(told.status).toBe(202)
    expect(told.headers.get('location')).toBe(`/api/v1/clusters/${stack.controlPlane.cluster}/status`)
  })
  await prove('waking', () => expect([told.body['state'], meanwhile.state, meanwhile.is_ready]).toEqual(['waking', 'waking', false]))
  held[Symbol.dispose]()
  const seen = await plane.until('active')
  const [end, answers] = [await plane.status(), await queryAnswered(stack)]
  await prove('running', () => {
    expect([later.state, later.is_ready], 'while nothing was started').toEqual(['waking', false])
    expect(seen.filter((state) => state !== 'waking')).toEqual(['active'])
    expect([end.status, end.is_ready, answers]).toEqual(['running', true, true])
  })
  await plane.suspend()
  await proveRefused(trial, plane)
  await proveKept(trial, plane)
  trial.measure('starts', plane.starts(mark), 'count')
})

type Means = Parameters<Parameters<typeof spec<'WAKE-002'>>[1]>[0]

async function proveRefused({ prove }: Means, plane: Plane): Promise<void> {
  const refusing = plane.platform.refuse()
  const told = await plane.ask('POST', '/wake')
  refusing[Symbol.dispose]()
  await prove('refused', () => {
    expect(told.status).toBe(503)
    expect(Number(told.headers.get('retry-after')), 'Retry-After').toBeGreaterThan(0)
    expect(String(told.body['title']).length, 'its title').toBeGreaterThan(0)
  })
}

/** Killed in the midst of a waking, and started again. */
async function proveKept({ prove, stack }: Means, plane: Plane): Promise<void> {
  const part = stack.part('control-plane-0')
  if (part.kill === undefined || part.restart === undefined) throw new Error('the control plane cannot be killed here')
  const held = plane.platform.hold()
  // It may still cool down after the one that was refused.
  const end = performance.now() + 20_000
  for (let told = 503; told === 503 && performance.now() < end; await sleep(50)) told = (await plane.ask('POST', '/wake')).status
  await part.kill('SIGKILL')
  held[Symbol.dispose]()
  await part.restart()
  const seen = await plane.until('active').catch((cause: Error) => [cause.message])
  await prove('kept', () => expect(seen.at(-1), 'after its return').toBe('active'))
}

spec('WAKE-005', async (trial) => {
  const { prove } = trial
  await using plane = await openPlane(trial)
  await plane.suspend()
  const mark = plane.platform.orders.length
  const held = plane.platform.hold()
  const told = await Promise.all(Array.from({ length: 10 }, () => plane.ask('POST', '/wake')))
  held[Symbol.dispose]()
  await plane.until('active')
  const answers = await queryAnswered(trial.stack)
  const after = await plane.ask('POST', '/wake')
  const [starts, end] = [plane.starts(mark), await plane.status()]
  await prove('answers', () => {
    expect(told.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 202))
    expect(after.status, 'when it is awake').toBe(200)
  })
  await prove('one-wake', () => expect(starts).toBe(1))
  await prove('running', () => expect([end.status, end.is_ready, answers]).toEqual(['running', true, true]))
})

spec('ERR-002', async (trial) => {
  const { prove, mint } = trial
  await using plane = await openPlane(trial)
  await plane.suspend()
  const mark = plane.platform.orders.length
  const token = await mint({ claims: { permissions: ['clusters:admin'] } })
  const schemes = [`Basic ${Buffer.from(`operator:${token}`).toString('base64')}`, token, `Token ${token}`, `Bearer`]
  const told: Answer[] = []
  for (const authorization of schemes) told.push(await plane.ask('POST', '/wake', { authorization }))
  await prove('status', () => expect(told.map(({ status }) => status)).toEqual(schemes.map(() => 401)))
  await prove('body', () => {
    for (const { type, body } of told) {
      expect(type).toMatch(/^application\/problem\+json/)
      expect([typeof body['title'], body['status']]).toEqual(['string', 401])
      expect(JSON.stringify(body)).not.toContain(token)
    }
  })
  await sleep(300)
  await prove('nothing', async () => {
    expect(plane.starts(mark), 'what was started').toBe(0)
    expect((await plane.status()).state).toBe('suspended')
  })
})
