/** Clients that find no free connection: they wait, are served or told, and those of other databases and users do not notice. */
import { setTimeout } from 'node:timers/promises'
import { expect } from 'vitest'
import { wish } from '../kit.ts'
import { ask, clients, hold, release, visit, type Who } from './pools.ts'
import { most, ownSize, pooled, waitTimeoutMs } from './topology.ts'

const spec = wish(pooled)

spec('POOL-004', async (trial) => {
  const holders = await clients(trial, most)
  const [first, second] = await clients(trial, 2)
  await Promise.all(holders.map(hold))
  const late = await ask(first!)
  await trial.prove('waits', () => {
    expect(late.pid, 'an answer while every connection is held').toBeNull()
    expect(late.ms, 'ms until it was told').toBeGreaterThan(waitTimeoutMs * 0.9)
    expect(late.ms, 'ms until it was told').toBeLessThan(waitTimeoutMs * 2 + 2_000)
  })
  await trial.prove('error', () => {
    expect(late.sqlstate, 'the SQLSTATE it got').toMatch(/^(?:53300|08|57|58)/)
    expect(late.message, 'the error it got').toMatch(/in use|timeout|too many/i)
  })
  await trial.prove('served', async () => {
    const waiting = ask(second!)
    await setTimeout(waitTimeoutMs / 3)
    await release(holders.slice(0, 1))
    const served = await waiting
    expect(served.message, 'the error of a client while a connection became free').toBe('')
    expect(served.pid, 'the connection that serves it').toBeGreaterThan(0)
    expect(served.ms, 'ms that it waited').toBeGreaterThan(waitTimeoutMs / 4)
  })
  await release(holders.slice(1))
})

/** Holds each connection of the common pool, and asks as somebody else. */
async function whileSaturated(trial: Parameters<typeof clients>[0], who: Who): Promise<readonly Awaited<ReturnType<typeof ask>>[]> {
  const holders = await clients(trial, most)
  const waiters = await clients(trial, 2)
  await Promise.all(holders.map(hold))
  const waiting = waiters.map(ask)
  const served = await Promise.all([1, 2, 3].map(() => visit(trial, who)))
  await release(holders)
  await Promise.all(waiting)
  return served
}

spec('POOL-006', async (trial) => {
  const servername = 'local.side.db.orochi.test'
  const served = await whileSaturated(trial, { tls: { servername, checkServerIdentity: () => undefined } })
  await trial.prove('unaffected', () => {
    expect(
      served.map(({ message }) => message),
      'errors of clients of the other database',
    ).toEqual(['', '', ''])
    expect(Math.max(...served.map(({ ms }) => ms)), 'the longest that one of them waited, ms').toBeLessThan(waitTimeoutMs * 0.8)
  })
})

spec('POOL-007', async (trial) => {
  const user = 'own_user'
  await trial.prove('unaffected', async () => {
    const served = await whileSaturated(trial, { user })
    expect(
      served.map(({ message }) => message),
      'errors of that user while the common pool is held',
    ).toEqual(['', '', ''])
    const [holder, late] = await clients(trial, 2, { user })
    await hold(holder!)
    const atLimit = await ask(late!)
    const common = await visit(trial, {})
    await release([holder!])
    expect(atLimit.pid, `an answer while the ${ownSize} connection of that user is held`).toBeNull()
    expect(common.message, 'the error of a user of the common pool meanwhile').toBe('')
  })
})
