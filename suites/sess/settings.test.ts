/** What a session can read of its claims: the whole set, and the settings with names of their own. */
import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { expect } from 'vitest'
import { answered } from '../../fixtures/probe.ts'
import { wish, type Trial } from '../kit.ts'

const poolSize = 1
const spec = wish({ pooler: { poolSize } })

type Ways = Pick<Trial<'SESS-001'>, 'mint' | 'connect'>
type Row = Readonly<Record<string, unknown>>

/** The first row that a session with these claims gets for a query. */
async function readAs({ mint, connect }: Ways, claims: Row, select: string): Promise<Row> {
  const client = await answered(connect({ token: await mint({ claims }) }), 'a login')
  const { rows } = await answered(client.query<Row>(`select ${select}`), 'a query')
  await answered(client.end(), 'the end of a session')
  return rows[0] ?? {}
}

const setting = (name: string): string => `current_setting('request.jwt.${name}', true)`

spec('SESS-001', async (trial) => {
  const { mint, connect, prove } = trial
  const claims = { sub: 'user-all', tenant_id: 'tenant-a', branch_id: 'b-1', email: 'ann@orochi.test', groups: ['read', 1, { deep: null }] }
  const token = await mint({ claims })
  const client = await answered(connect({ token }), 'a login')
  const { rows } = await answered(client.query<{ claims: string }>(`select ${setting('claims')} as claims`), 'a query')
  await prove('claims', () => {
    const signed: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    expect(jsonOf(rows[0]?.claims)).toEqual(signed)
  })
})

/** What is no JSON stays text. */
function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return text
  }
}

spec('SESS-002', async (trial) => {
  const subjects = ['user-1', 'auth0:5f7c8ec7', randomUUID(), 'ann@orochi.test']
  await trial.prove('subject', async () => {
    for (const sub of subjects)
      expect(await readAs(trial, { sub }, `${setting('claim.sub')} as sub, orochi.user_id() as verified`)).toEqual({ sub, verified: sub })
  })
})

/** A table whose policy looks at the role of the token: one row for it, one for another. */
async function tableByRole(direct: pg.Client, role: string): Promise<AsyncDisposable> {
  await direct.query(`create table public.by_role (role text); insert into public.by_role values ('${role}'), ('another_role');
    alter table public.by_role enable row level security; grant select on public.by_role to orochi_app;
    create policy by_role on public.by_role using (role = current_setting('request.jwt.claim.role', true))`)
  return { [Symbol.asyncDispose]: async () => void (await direct.query('drop table public.by_role')) }
}

spec('SESS-003', async (trial) => {
  const { stack, connect, prove } = trial
  const direct = await connect({ direct: 'server' })
  await using _table = await tableByRole(direct, stack.role)
  await prove('role', async () => {
    expect(await readAs(trial, {}, `${setting('claim.role')} as role`)).toEqual({ role: stack.role })
  })
  await prove('usable', async () => {
    expect(await readAs(trial, {}, `string_agg(role, ',') as roles from public.by_role`)).toEqual({ roles: stack.role })
    const unnamed = await connect({ direct: 'app' })
    expect((await unnamed.query('select role from public.by_role')).rows, 'a session without a token').toEqual([])
  })
})

spec('SESS-004', async (trial) => {
  await trial.prove('email', async () => {
    for (const email of ['ann@orochi.test', 'b.o-b_1@mail.orochi.test'])
      expect(await readAs(trial, { email }, `${setting('claim.email')} as email`)).toEqual({ email })
    const { email } = await readAs(trial, {}, `${setting('claim.email')} as email`)
    expect(email ?? '', 'without an e-mail in the token').toBe('')
  })
})

spec('SESS-005', async (trial) => {
  const { random, prove } = trial
  const organisation = `org-${Math.floor(random() * 1e9)}`
  const select = `${setting('claim.tenant_id')} as claim, current_setting('orochi.tenant_id', true) as tenant, orochi.tenant_id() as verified`
  await prove('tenant', async () => {
    for (const tenant of ['tenant-a', 'tenant-b'])
      expect(await readAs(trial, { tenant_id: tenant, org_id: organisation }, select)).toEqual({ claim: tenant, tenant, verified: tenant })
  })
  await prove('organisation', async () => {
    const read = `nullif(${setting('claims')}, '')::jsonb ->> 'org_id' as org`
    expect(await readAs(trial, { org_id: organisation }, read)).toEqual({ org: organisation })
  })
})

spec('SESS-006', async (trial) => {
  const { prove } = trial
  const claims = { tenant_id: 'tenant-a', app_metadata: { tenant_id: 'tenant-nested', roles: ['reader', 'writer'] } }
  await prove('nested', async () => {
    const metadata = `nullif(${setting('claims')}, '')::jsonb -> 'app_metadata'`
    const select = `${metadata} ->> 'tenant_id' as nested, ${metadata} #>> '{roles,1}' as role, orochi.tenant_id() as verified`
    expect(await readAs(trial, claims, select)).toEqual({ nested: 'tenant-nested', role: 'writer', verified: 'tenant-a' })
  })
})

/** Everything that the gateway and a client of its own may have set. */
const stateSql = `select pg_backend_pid() as pid, coalesce(${setting('claims')}, '') as claims, coalesce(${setting('claim.email')}, '') as email,
  coalesce(${setting('claim.sub')}, '') as sub, coalesce(current_setting('orochi.tenant_id', true), '') as tenant, orochi.tenant_id() as verified,
  coalesce(current_setting('orochi.branch_id', true), '') as branch, current_setting('application_name') as application, current_setting('work_mem') as memory,
  current_setting('lock_timeout') as lock_timeout`

/** A record as one text, so that a report can show how two differ. */
const inWords = (row: Row): string =>
  Object.entries(row)
    .map(([name, value]) => `${name}=${String(value)}`)
    .toSorted()
    .join(' ')

spec('SESS-007', async ({ mint, connect, prove }) => {
  const tokenOfA = await mint({ claims: { tenant_id: 'tenant-a', sub: 'user-a', email: 'ann@orochi.test', branch_id: 'b-a' } })
  // B has neither an e-mail nor a subject with a setting of its own: what it reads there, if anything, is of A.
  const tokenOfB = await mint({ claims: { tenant_id: 'tenant-b', sub: 'user b' } })
  const before = await answered(connect({ token: await mint({ claims: { sub: 'user b', tenant_id: 'tenant-b' } }) }), 'B, before')
  const { memory, lock_timeout } = (await answered(before.query<Row>(stateSql), 'its state')).rows[0] ?? {}
  await answered(before.end(), 'its end')
  await prove('clean', async () => {
    const a = await answered(connect({ token: tokenOfA, startup: { application_name: 'application-of-a' } }), 'A')
    await answered(a.query(`set lock_timeout to '77s'`), 'a setting of A')
    // A pooler that only reads statements cannot see this one.
    await answered(a.query(`do $$ begin perform set_config('work_mem', '7MB', false); end $$`), 'a setting made by a block')
    const left = (await answered(a.query<Row>(stateSql), 'the state of A')).rows[0] ?? {}
    expect(left).toMatchObject({ email: 'ann@orochi.test', verified: 'tenant-a', lock_timeout: '77s', application: 'application-of-a' })
    await answered(a.end(), 'A leaves')
    const b = await answered(connect({ token: tokenOfB, startup: { application_name: 'application-of-b' } }), 'B')
    const { pid, claims, ...found } = (await answered(b.query<Row>(stateSql), 'the state of B')).rows[0] ?? {}
    expect(pid, 'the server connection').toBe(left['pid'])
    expect(jsonOf(String(claims))).toMatchObject({ tenant_id: 'tenant-b', sub: 'user b' })
    const wanted = {
      email: '',
      sub: '',
      tenant: 'tenant-b',
      verified: 'tenant-b',
      branch: 'main',
      application: 'application-of-b',
      memory,
      lock_timeout,
    }
    expect(found, `the settings of B: ${inWords(found)}`).toEqual(wanted)
  })
})
