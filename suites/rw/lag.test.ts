/** Replicas that are behind or gone: fresh data for who asks for it, and no reads for a replica that lags. */
import { setTimeout } from 'node:timers/promises'
import { expect } from 'vitest'
import type pg from 'pg'
import { answered } from '../../fixtures/probe.ts'
import { wish, type Trial } from '../kit.ts'
import { askWhere, caughtUp, emptyItems, holdBehind, server, where } from './servers.ts'

const spec = wish({ replicas: 2, split: { maxLagMs: 1_000 } })
/** A client may wait for a server that is gone for as long as it may wait for any. */
const waitTimeoutMs = 1_000
const withoutLag = wish({ replicas: 2, pooler: { waitTimeoutMs, connectTimeoutMs: waitTimeoutMs } })

type Ways = Pick<Trial<'RW-006'>, 'stack' | 'connect'>

/** The ports that answer plain reads over so many of them. */
async function readers(client: pg.Client, reads: number): Promise<ReadonlySet<string>> {
  const ports = new Set<string>()
  for (let read = 0; read < reads; read++) ports.add((await askWhere(client, `select ${where}`)).port)
  return ports
}

/** Until reads keep away from a port (or are back at it); false if it never comes to that. The primary is written to, so that lag shows. */
async function until(client: pg.Client, wanted: (ports: ReadonlySet<string>) => boolean, limitMs = 20_000): Promise<boolean> {
  for (const end = Date.now() + limitMs; Date.now() < end; await setTimeout(100)) {
    if (wanted(await readers(client, 12))) return true
  }
  return false
}

/** Two replicas, one of them held behind; its port and what to write with. */
async function lagging(trial: Ways, scope: AsyncDisposableStack) {
  const primary = await server(trial, 0, scope)
  const replica = await server(trial, 1, scope)
  scope.use(await emptyItems(primary))
  await primary.query(`insert into items (item_id, grp) values (1, 'heartbeat')`)
  await caughtUp(primary, replica)
  await caughtUp(primary, await server(trial, 2, scope))
  // PgDog takes a system that nobody writes to for one whose replicas lag.
  const beat = setInterval(
    () => void primary.query(`update items set note = clock_timestamp()::text where item_id = 1`).catch(() => {}),
    100,
  )
  scope.defer(() => clearInterval(beat))
  return { primary, replica, port: (await replica.query<{ port: string }>(`select current_setting('port') as port`)).rows[0]!.port }
}

spec('RW-006', async (trial) => {
  await using scope = new AsyncDisposableStack()
  const { replica, port } = await lagging(trial, scope)
  const client = await trial.connect()
  await using _ = await holdBehind(replica)
  let stale = 0
  for (let round = 0; round < 120; round++) {
    const key = 1_000 + round
    await answered(client.query(`insert into items (item_id, grp) values ($1, 'fresh')`, [key]), 'an insert')
    // The documented way: a transaction reads from the primary.
    await answered(client.query('begin'), 'begin')
    const { rowCount } = await answered(client.query('select from items where item_id = $1', [key]), 'a select')
    await answered(client.query('commit'), 'commit')
    if (rowCount !== 1) stale++
  }
  await trial.prove('fresh', () => {
    expect(stale, 'stale reads of 120').toBe(0)
  })
  await trial.prove('left-out', async () => {
    expect(await until(client, (ports) => !ports.has(port)), 'reads keep away from the replica that is held behind').toBe(true)
    expect(await readers(client, 40), 'who answers then').not.toContain(port)
  })
})

spec('RW-011', async (trial) => {
  await using scope = new AsyncDisposableStack()
  const { primary, replica, port } = await lagging(trial, scope)
  const client = await trial.connect()
  await trial.prove('left-out', async () => {
    expect(await until(client, (ports) => ports.has(port)), 'before, the replica gets reads').toBe(true)
    {
      await using _ = await holdBehind(replica)
      expect(await until(client, (ports) => !ports.has(port)), 'it is left out').toBe(true)
      await setTimeout(500)
      expect(await readers(client, 60), 'who answers while it lags').not.toContain(port)
    }
    await caughtUp(primary, replica)
    expect(await until(client, (ports) => ports.has(port), 40_000), 'it gets reads again once it has caught up').toBe(true)
  })
})

withoutLag('RW-007', async (trial) => {
  const clients = await Promise.all(Array.from({ length: 4 }, () => trial.connect()))
  const part = trial.stack.part('postgres-0-replica-1')
  let going = true
  const outcomes: { at: number; port: string | null }[] = []
  const load = clients.map(async (first) => {
    let client = first
    for (const end = Date.now() + 15_000; going && Date.now() < end; await setTimeout(10)) {
      const port = await askWhere(client, `select ${where}`).then(
        ({ port }) => port,
        () => null,
      )
      outcomes.push({ at: Date.now(), port })
      // A client whose connection was lost comes again, as any would.
      if (port === null) client = await trial.connect().catch(() => client)
    }
  })
  await setTimeout(300)
  const before = new Set(outcomes.map(({ port }) => port))
  await part.kill!('SIGKILL')
  const killedAt = Date.now()
  await setTimeout(6_000)
  going = false
  await Promise.all(load)
  const after = outcomes.filter(({ at }) => at > killedAt + 3 * waitTimeoutMs)
  trial.attach('reads.json', JSON.stringify(outcomes.map(({ at, port }) => [at - killedAt, port])))
  await trial.prove('elsewhere', () => {
    expect(before.has(null), 'reads fail before anything happened').toBe(false)
    expect(before.size, 'servers that answered before').toBeGreaterThanOrEqual(2)
    expect(after.filter(({ port }) => port !== null).length, 'reads answered later').toBeGreaterThan(20)
  })
  await trial.prove('no-lasting-errors', () => {
    expect(after.filter(({ port }) => port === null).length, `failed of ${after.length} reads, three seconds later`).toBe(0)
  })
})
