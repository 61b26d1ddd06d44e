/** Reads go to a replica, whatever writes or locks goes to the primary, and a transaction stays where it began. */
import { expect } from 'vitest'
import type pg from 'pg'
import { answered } from '../../fixtures/probe.ts'
import { wish, type Trial } from '../kit.ts'
import { askWhere, caughtUp, emptyItems, server, where, type Where } from './servers.ts'

const spec = wish({ replicas: 1 })

type Ways = Pick<Trial<'RW-001'>, 'stack' | 'connect'>
type Prove = (clause: 'primary' | 'no-error', assertions: () => unknown) => Promise<boolean>

/** In each protocol: written out, with a parameter, and by name. */
const waysOf = (text: string, name: string): readonly (string | pg.QueryConfig)[] => [
  text.replaceAll('$1', '7'),
  { text: `${text} /* bound */`, values: text.includes('$1') ? [7] : [] },
  { name, text: `${text} /* named */`, values: text.includes('$1') ? [7] : [] },
]

spec('RW-001', async (trial) => {
  const client = await trial.connect()
  const reads = [
    `select ${where}`,
    `select count(*), ${where} from items`,
    `select ${where} from (select 1) as one where 7 = $1::int`,
    `with chosen as (select code from countries) select ${where} from chosen limit 1`,
    `select ${where} union all select ${where} limit 1`,
    `(select ${where})`,
    `select ${where}, 'update items set note = null' as said`,
  ]
  await trial.prove('replica', async () => {
    for (const read of reads)
      for (const way of waysOf(read, `read-${reads.indexOf(read)}`))
        expect(await askWhere(client, way), read).toMatchObject({ replica: true })
    // And again, by many clients at once.
    const many = await Promise.all(Array.from({ length: 8 }, async () => askWhere(await trial.connect(), `select ${where}`)))
    expect(
      many.every(({ replica }) => replica),
      'each of eight clients',
    ).toBe(true)
  })
})

/** Runs statements that end in `returning`; a read-only error shows in `errors`, everything else is told. */
async function perform({ connect }: Ways, statements: readonly string[]) {
  const client = await connect()
  const told: { statement: string; by: Where }[] = []
  const errors: string[] = []
  for (const statement of statements) {
    const ways = waysOf(statement, `write-${statements.indexOf(statement)}`)
    for (const way of ways) {
      await askWhere(client, way).then(
        (by) => told.push({ statement, by }),
        (error: Error) => errors.push(`${statement}: ${error.message}`),
      )
    }
  }
  return { told, errors }
}

async function onPrimary(trial: Ways & { readonly prove: Prove }, statements: readonly string[], before: readonly string[]): Promise<void> {
  await using scope = new AsyncDisposableStack()
  const primary = await server(trial, 0, scope)
  scope.use(await emptyItems(primary))
  for (const statement of before) await primary.query(statement)
  await caughtUp(primary, await server(trial, 1, scope))
  const { told, errors } = await perform(trial, statements)
  await trial.prove('primary', () => {
    for (const { statement, by } of told) expect(by.replica, statement).toBe(false)
    expect(told.length + errors.length).toBe(3 * statements.length)
  })
  await trial.prove('no-error', () => {
    expect(errors).toEqual([])
  })
}

const id = `(random() * 1e15)::bigint`

spec('RW-002', (trial) =>
  onPrimary(
    trial,
    [
      `insert into items (item_id, grp) values (${id}, 'a') returning ${where}`,
      `insert into items (item_id, grp) select ${id}, 'b' returning ${where}`,
      `insert into items (item_id, grp) values ($1::bigint, 'c') on conflict (item_id) do update set grp = 'again' returning ${where}`,
      `with written as (insert into items (item_id, grp) values (${id}, 'd') returning item_id) select ${where} from written`,
    ],
    [],
  ),
)

const seven = [`insert into items (item_id, grp, amount) values (7, 'seven', 0), (8, 'eight', 0)`]

spec('RW-003', async (trial) => {
  await onPrimary(
    trial,
    [
      `update items set amount = amount + 1 where item_id = $1 returning ${where}`,
      `select ${where} from items where item_id = $1 for update`,
      `select ${where} from items where item_id = $1 for no key update`,
      `select ${where} from items where item_id = $1 for share`,
      `select ${where} from (select * from items where item_id = $1 for update) as locked`,
      `with changed as (update items set amount = amount + 1 where item_id = $1 returning item_id) select ${where} from changed`,
      `/* a comment */ update items set amount = 3 where item_id = $1 returning ${where}`,
    ],
    seven,
  )
  await trial.prove('explained', async () => {
    // EXPLAIN ANALYZE does what it explains; PostgreSQL refuses it on a replica.
    const client = await trial.connect()
    await answered(client.query(`explain analyze update items set amount = 9 where false`), 'explain analyze')
  })
  await trial.prove('functions', async () => {
    await using scope = new AsyncDisposableStack()
    const primary = await server(trial, 0, scope)
    await primary.query(`create sequence rw_tickets; grant usage on sequence rw_tickets to ${trial.stack.app(0).user};
      create function rw_draw() returns bigint language sql as $$ insert into items (item_id, grp) values (1, 'drawn') returning item_id $$`)
    scope.defer(async () => void (await primary.query('drop sequence rw_tickets; drop function rw_draw; truncate items')))
    await caughtUp(primary, await server(trial, 1, scope))
    const client = await trial.connect()
    for (const call of [`nextval('rw_tickets')`, 'rw_draw()']) await answered(client.query(`select ${call}`), `a SELECT of ${call}`)
  })
})

spec('RW-004', (trial) =>
  onPrimary(
    trial,
    [
      `delete from items where item_id = (select min(item_id) from items) returning ${where}`,
      `with gone as (delete from items where item_id = (select min(item_id) from items) returning item_id) select ${where} from gone`,
    ],
    [`insert into items (item_id, grp) select n, 'planted' from generate_series(1, 20) n`],
  ),
)

spec('RW-005', async (trial) => {
  await using scope = new AsyncDisposableStack()
  scope.use(await emptyItems(await server(trial, 0, scope)))
  const client = await trial.connect()
  const rounds: { pids: Where[]; seen: number }[] = []
  for (const round of [1, 2, 3]) {
    await answered(client.query('begin'), 'begin')
    const pids = [
      await askWhere(client, `select ${where} from (select count(*) from items) as n`),
      await askWhere(client, { text: `insert into items (item_id, grp) values ($1, 'own') returning ${where}`, values: [round] }),
      await askWhere(client, `select ${where}`),
    ]
    const { rows } = await answered(
      client.query<{ n: number }>('select count(*)::int as n from items where item_id = $1', [round]),
      'a select',
    )
    await answered(client.query('commit'), 'commit')
    rounds.push({ pids, seen: rows[0]?.n ?? -1 })
  }
  await trial.prove('one-backend', () => {
    for (const { pids } of rounds) {
      expect(new Set(pids.map(({ pid }) => pid)).size, JSON.stringify(pids)).toBe(1)
      expect(pids.map(({ replica }) => replica)).toEqual([false, false, false])
    }
  })
  await trial.prove('own-write', () => {
    expect(rounds.map(({ seen }) => seen)).toEqual([1, 1, 1])
  })
})

/** How a client of each pooler asks for the primary. */
const hints = { pgdog: '/* pgdog_role: primary */', router: '/* orochi_role: primary */' } as const

spec('RW-009', async (trial) => {
  const client = await trial.connect()
  const kind = trial.stack.topology.pooler!.kind
  await trial.prove('primary', async () => {
    for (let round = 0; round < 3; round++) {
      expect(await askWhere(client, `${hints[kind]} select ${where}`), 'with the hint').toMatchObject({ replica: false })
      expect(
        await askWhere(client, { text: `${hints[kind]} select ${where} where 7 = $1::int`, values: [7] }),
        'with the hint, bound',
      ).toMatchObject({ replica: false })
      expect(await askWhere(client, `select ${where}`), 'without the hint').toMatchObject({ replica: true })
    }
  })
})

spec('RW-010', async (trial) => {
  await using scope = new AsyncDisposableStack()
  scope.use(await emptyItems(await server(trial, 0, scope)))
  const client = await trial.connect()
  const told: Where[] = []
  await answered(client.query('begin read only'), 'begin')
  for (let round = 0; round < 3; round++) told.push(await askWhere(client, `select ${where}`))
  await answered(client.query('commit'), 'commit')
  await trial.prove('replica', () => {
    expect(told.map(({ replica }) => replica)).toEqual([true, true, true])
    expect(new Set(told.map(({ pid }) => pid)).size).toBe(1)
  })
  await trial.prove('write-fails', async () => {
    await answered(client.query('begin read only'), 'begin')
    await askWhere(client, `select ${where}`)
    const outcome = await client.query(`insert into items (item_id, grp) values (1, 'forbidden')`).then(
      () => 'written',
      (error: { code?: string }) => error.code,
    )
    await answered(client.query('rollback'), 'rollback')
    expect(outcome, 'a write in a read-only transaction').toBe('25006')
  })
})
