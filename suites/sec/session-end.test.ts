/** A session does not outlive its token, by the policy that was stated. */
import { expect } from 'vitest'
import type { Stack } from '../../stack/stack.ts'
import { spec } from '../kit.ts'
import { reconfigure } from '../kit/reconfigure.ts'
import { watchEnd } from './revoking.ts'

const ttlSeconds = 600
const graceSeconds = 60
const patienceMs = 3_500

const policy = (stack: Stack, atExpiry: string) =>
  reconfigure(stack, { apply: (config) => ({ ...config, sessions: { atExpiry, graceSeconds } }) })

spec('SEC-141', async ({ stack, connect, mint, seed, prove }) => {
  const shift = (seconds: number) => stack.part('gateway-0').shiftClock!(seconds * 1000)
  const endSeconds = ttlSeconds + stack.topology.gateway!.leewaySeconds
  const direct = await connect({ direct: 'server' })
  const committed = async (note: string) =>
    (await direct.query<{ rows: number }>('select count(*)::int as rows from orders where note = $1', [`${seed} ${note}`])).rows[0]!.rows
  const open = async () => {
    const client = await connect({ token: await mint({ ttlSeconds }) })
    await client.query('select 1')
    return { client, watch: watchEnd(client, patienceMs) }
  }
  const write = async ({ client }: Awaited<ReturnType<typeof open>>, id: number, note: string) => {
    await client.query('begin')
    await client.query('insert into orders (tenant_id, order_id, amount_cents, note) values (orochi.tenant_id(), $1, 1, $2)', [
      id,
      `${seed} ${note}`,
    ])
  }
  const firstId = Math.floor(performance.now() * 1000) + 1_000_000_000

  try {
    const ends = await policy(stack, 'end')
    const [idle, busy] = [await open(), await open()]
    await write(busy, firstId, 'cut')
    await shift(endSeconds + 1)
    const warned = await noticed(idle.client)
    const stillOpen = await idle.client.query('select 1 as one').then(({ rows }) => rows as unknown[])
    await shift(endSeconds + graceSeconds + 1)
    const [idleEnd, busyEnd] = await Promise.all([idle.watch.ended(0), busy.watch.ended(0)])
    await shift(0)
    await ends[Symbol.asyncDispose]()

    const finishes = await policy(stack, 'finish-transaction')
    const [resting, finishing, endless] = [await open(), await open(), await open()]
    await write(finishing, firstId + 1, 'finished')
    await write(endless, firstId + 2, 'endless')
    await shift(endSeconds + 1)
    const restingEnd = await resting.watch.ended(0)
    const goesOn = await finishing.client.query('select 1 as one').then(({ rows }) => rows as unknown[])
    await finishing.client.query('commit')
    const finishedEnd = await finishing.watch.ended(0)
    const endlessGoesOn = await endless.client.query('select 1 as one').then(({ rows }) => rows as unknown[])
    await shift(endSeconds + graceSeconds + 1)
    const endlessEnd = await endless.watch.ended(0)
    await shift(0)
    await finishes[Symbol.asyncDispose]()

    await prove('warned', () => {
      expect(warned, 'SQLSTATE of the notice to an idle session when its token ends').toBe('01000')
      expect(stillOpen, 'within the grace').toEqual([{ one: 1 }])
    })
    await prove('ended', () => expect(idleEnd.code, 'an idle session past the grace').toBe('57P01'))
    await prove('cut', async () => {
      expect(busyEnd.code, 'a session within a transaction').toBe('57P01')
      expect(await committed('cut'), 'rows of its transaction').toBe(0)
    })
    await prove('finished', async () => {
      expect(restingEnd.code, 'a session without a transaction').toBe('57P01')
      expect(goesOn, 'within the transaction, when the token has ended').toEqual([{ one: 1 }])
      expect(finishedEnd.code, 'behind its commit').toBe('57P01')
      expect(await committed('finished'), 'rows of its transaction').toBe(1)
    })
    await prove('grace', async () => {
      expect(endlessGoesOn, 'within the grace').toEqual([{ one: 1 }])
      expect(endlessEnd.code, 'a transaction that does not end, past the grace').toBe('57P01')
      expect(await committed('endless'), 'its rows').toBe(0)
    })
  } finally {
    await shift(0)
    await direct.query('delete from orders where note like $1', [`${seed}%`])
  }
})

/** SQLSTATE of the first notice; `none` after a while. */
function noticed(client: { once(event: 'notice', listener: (notice: { code?: string | undefined }) => void): unknown }): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const timer = setTimeout(() => resolve('none'), patienceMs)
  client.once('notice', ({ code }) => (clearTimeout(timer), resolve(code ?? 'no code')))
  return promise
}
