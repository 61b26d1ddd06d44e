/** Many clients on few server connections: shared by all, and no statement of one is taken for another’s. */
import pg from 'pg'
import { expect } from 'vitest'
import { answered, faultOf, textRows, type Answer } from '../../fixtures/probe.ts'
import { wish, type Trial } from '../kit.ts'
import { openRaw } from './raw.ts'

const poolSize = 5
const spec = wish({ pooler: { poolSize } })

type Ways = Pick<Trial<'CONN-005'>, 'stack' | 'mint' | 'connect' | 'postgres'>

const times = <T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)))

async function pidOf(client: pg.Client): Promise<number> {
  const { rows } = await answered(client.query<{ pid: number }>('select pg_backend_pid() as pid'), 'a short query')
  return rows[0]?.pid ?? 0
}

const open = async ({ connect, mint }: Ways): Promise<pg.Client> => answered(connect({ token: await mint() }), 'a client')

/** Backend process ids by the clients they served. */
class Service {
  readonly clientsByPid = new Map<number, Set<string>>()

  note(pid: number, client: string): void {
    this.clientsByPid.set(pid, (this.clientsByPid.get(pid) ?? new Set()).add(client))
  }

  get pids(): readonly number[] {
    return [...this.clientsByPid.keys()]
  }

  get mostClients(): number {
    return Math.max(0, ...[...this.clientsByPid.values()].map((clients) => clients.size))
  }
}

/** Clients that come, ask once and go: first one by one, then all together. */
async function comeAndGo(trial: Ways, service: Service): Promise<void> {
  const visit = async (name: string) => {
    const client = await open(trial)
    service.note(await pidOf(client), name)
    await answered(client.end(), 'a client’s end')
  }
  for (let index = 0; index < 10; index++) await visit(`alone ${index}`)
  await times(20, (index) => visit(`together ${index}`))
}

/** Clients that all stay connected and ask at the same time, for longer than an instant. */
async function stayAndAsk(trial: Ways, service: Service): Promise<void> {
  const clients = await times(20, () => open(trial))
  for (let round = 0; round < 2; round++) {
    await Promise.all(
      clients.map(async (client, index) => {
        const { rows } = await answered(
          client.query<{ pid: number }>('select pg_backend_pid() as pid, pg_sleep(0.02)'),
          'a query among twenty',
        )
        service.note(rows[0]?.pid ?? 0, `staying ${index}`)
      }),
    )
  }
  await Promise.all(clients.map((client) => answered(client.end(), 'a client’s end')))
}

spec('CONN-005', async (trial) => {
  const { stack, connect, prove, measure } = trial
  const service = new Service()
  const direct = await connect({ direct: 'server' })
  await prove('bounded', async () => {
    await comeAndGo(trial, service)
    await stayAndAsk(trial, service)
    expect(service.pids, 'no query was answered without a backend').not.toContain(0)
    expect(service.pids.length, `distinct backend process ids: ${service.pids.join()}`).toBeLessThanOrEqual(poolSize)
    const sql = `select count(*)::int as open from pg_stat_activity where usename = $1 and datname = current_database()`
    const { rows } = await direct.query<{ open: number }>(sql, [stack.app(0).user])
    expect(rows[0]?.open, 'server connections that Postgres itself counts').toBeLessThanOrEqual(poolSize)
  })
  measure('backends', service.pids.length, 'processes')
  await prove('shared', () => {
    expect(service.mostClients, 'clients served by the busiest backend').toBeGreaterThan(1)
  })
})

/** Takes a server connection and keeps it; returns its process id. */
async function hold(holder: pg.Client): Promise<number> {
  await answered(holder.query('begin'), 'begin')
  return pidOf(holder)
}

/**
 * Holds every server connection of the pool; freeing one makes it the only one that anybody else can get.
 * That is how an execution is forced onto a certain server connection, whatever order the pooler prefers.
 */
async function occupyPool(
  trial: Ways,
): Promise<{ freeing<T>(index: number, act: (pid: number) => Promise<T>): Promise<T> } & AsyncDisposable> {
  const holders = await times(poolSize, () => open(trial))
  const pids: number[] = []
  for (const holder of holders) pids.push(await hold(holder))
  return {
    async freeing(index, act) {
      const holder = holders[index % poolSize]!
      await answered(holder.query('rollback'), 'rollback')
      const result = await act(pids[index % poolSize]!)
      pids[index % poolSize] = await hold(holder)
      return result
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(holders.map((holder) => holder.query('rollback').catch(() => undefined)))
    },
  }
}

/** What one execution of a prepared statement came to. */
interface Outcome {
  readonly who: string
  readonly expected: string
  readonly got: string
  readonly pid: number
  readonly error?: { readonly sqlstate: string; readonly message: string }
}

/** A client with a statement prepared under a name, and ordinary statements for in between. */
interface Preparer {
  readonly who: string
  execute(value: number): Promise<Outcome>
  /** Each is sent between two executions. */
  readonly between: readonly (() => Promise<unknown>)[]
}

/** Statements of the same name and other words: what a pooler that mixes them up gets wrong. */
const statements = [
  { sql: `select ($1::int + 1)::text as answer, pg_backend_pid() as pid`, expect: (value: number) => String(value + 1) },
  { sql: `select 'no ' || $1::int as answer, pg_backend_pid() as pid`, expect: (value: number) => `no ${value}` },
] as const

type Result = { readonly answer: string; readonly pid: number }

async function outcomeOf(who: string, expected: string, execution: Promise<Result>): Promise<Outcome> {
  try {
    const { answer, pid } = await answered(execution, who)
    return { who, expected, got: answer, pid: Number(pid) }
  } catch (error) {
    const { message, cause } = error as Error
    return { who, expected, got: message, pid: 0, error: { sqlstate: (cause as { code?: string } | undefined)?.code ?? '', message } }
  }
}

async function preparePg(trial: Ways, which: 0 | 1): Promise<Preparer> {
  const client = await open(trial)
  const { sql, expect: expected } = statements[which]
  const run = async (value: number) => (await client.query<Result>({ name: 'stmt', text: sql, values: [value] })).rows[0]!
  return {
    who: `pg ${which}`,
    execute: (value) => outcomeOf(`pg ${which}`, expected(value), run(value)),
    between: [() => client.query('select count(*) from countries'), () => client.query('select $1::text', ['unnamed'])],
  }
}

async function preparePostgresJs(trial: Ways): Promise<Preparer> {
  const sql = await trial.postgres({ token: await trial.mint() })
  const { sql: text, expect: expected } = statements[0]
  const run = async (value: number) => (await sql.unsafe<Result[]>(text, [value], { prepare: true }))[0]!
  return {
    who: 'postgres.js',
    execute: (value) => outcomeOf('postgres.js', expected(value), run(value)),
    between: [() => sql.unsafe('select count(*) from countries'), () => sql`select ${'unnamed'}::text`],
  }
}

/** The raw client says Parse once and then only Bind and Execute, as drivers do that keep a statement for long. */
async function prepareRaw(trial: Ways, scope: AsyncDisposableStack): Promise<Preparer> {
  const probe = scope.use(await openRaw(trial))
  const { sql, expect: expected } = statements[0]
  const prepared = await probe.prepare('stmt', sql, [23])
  const run = async (value: number): Promise<Result> => {
    const answer = await probe.execute('stmt', { values: [Buffer.from(String(value))] })
    return resultOf(prepared.ok ? answer : prepared)
  }
  return {
    who: 'probe',
    execute: (value) => outcomeOf('probe', expected(value), run(value)),
    between: [
      () => probe.query('select count(*) from countries'),
      () => probe.extended('select $1::text', [], { values: [Buffer.from('unnamed')] }),
    ],
  }
}

function resultOf(answer: Answer): Result {
  if (!answer.ok) throw Object.assign(new Error(faultOf(answer)), { code: answer.errors[0]?.sqlstate })
  const [text, pid] = textRows(answer)[0] ?? []
  return { answer: text ?? 'no row', pid: Number(pid) }
}

/** A statement closed and prepared anew under its name with other words: on each server connection the new words count. */
async function prepareAnew(trial: Ways, pool: Awaited<ReturnType<typeof occupyPool>>, outcomes: Outcome[]): Promise<void> {
  await using probe = await pool.freeing(0, () => openRaw(trial))
  for (const { sql, expect: expected } of statements) {
    await pool.freeing(0, () => probe.closeStatement('anew'))
    const prepared = await pool.freeing(1, () => probe.prepare('anew', sql, [23]))
    for (let index = 0; index < poolSize; index++) {
      const run = async () => resultOf(prepared.ok ? await probe.execute('anew', { values: [Buffer.from(String(index))] }) : prepared)
      outcomes.push(await pool.freeing(index, () => outcomeOf('probe, anew', expected(index), run())))
    }
  }
}

/** On one server connection: execute, something else, execute, something else, execute. */
async function executeOften({ who, execute, between }: Preparer, value: number, outcomes: Outcome[]): Promise<void> {
  outcomes.push(await execute(value))
  for (const statement of between) {
    await answered(statement(), `${who}, in between`)
    outcomes.push(await execute(value))
  }
}

spec('CONN-007', async (trial) => {
  const { prove, measure, attach } = trial
  await using scope = new AsyncDisposableStack()
  const outcomes: Outcome[] = []
  const played = (async () => {
    const preparers = [await preparePg(trial, 0), await preparePg(trial, 1), await preparePostgresJs(trial), await prepareRaw(trial, scope)]
    const pool = scope.use(await occupyPool(trial))
    for (let index = 0; index < 2 * poolSize; index++) {
      for (const preparer of preparers) await pool.freeing(index, () => executeOften(preparer, index, outcomes))
    }
    await prepareAnew(trial, pool, outcomes)
  })()
  const failure = await played.then(
    () => undefined,
    (error: unknown) => error,
  )
  attach('executions.json', JSON.stringify(outcomes, null, 1))
  measure('executions', outcomes.length, 'executions')

  await prove('right', () => {
    if (failure) throw failure
    for (const { who, pid, expected, got } of outcomes) expect(got, `${who}, by backend ${pid}`).toBe(expected)
    expect(outcomes.length).toBe(4 * 2 * poolSize * 3 + 2 * poolSize)
  })
  await prove('none-missing', () => {
    if (failure) throw failure
    const missing = outcomes.filter(
      ({ error }) => error !== undefined && (error.sqlstate === '26000' || /prepared statement .*does not exist/i.test(error.message)),
    )
    expect(missing.map(({ who, got }) => `${who}: ${got}`).join('\n'), 'executions that missed their statement').toBe('')
    for (const who of ['pg 0', 'pg 1', 'postgres.js', 'probe', 'probe, anew']) {
      const own = outcomes.filter((outcome) => outcome.who === who && outcome.error === undefined)
      expect(own.length, `executions by ${who}`).toBeGreaterThanOrEqual(3)
      expect(new Set(own.map(({ pid }) => pid)).size, `server connections that ${who} was led over`).toBe(poolSize)
    }
  })
})
