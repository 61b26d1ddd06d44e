/** One server connection for two tenants: whatever the one leaves on it, the other does not meet it. */
import { expect } from 'vitest'
import { answered } from '../../fixtures/probe.ts'
import { doorConfig } from '../kit/gateway.ts'
import { wish, type Trial } from '../kit.ts'
import { crossings, reads, writes } from '../mt/attempts.ts'
import { forgeries } from '../mt/forgeries.ts'
import { bring, enter, leaveClean, plantTenants, renewConnections } from '../mt/tenants.ts'

const spec = wish({ pooler: { poolSize: 1 } })

/** What B leaves, and how A looks for it; `found` is what A must not get. */
const legacies: Readonly<Record<string, { leave: readonly string[]; look: string }>> = {
  'a temporary table': { leave: ['create temp table legacy as select note from orders'], look: 'select note from legacy' },
  'a held cursor': {
    leave: ['begin', 'declare legacy cursor with hold for select note from orders', 'commit'],
    look: 'fetch all from legacy',
  },
  'a prepared statement': { leave: [`prepare legacy as select 'note of tenant-b' as note`], look: 'execute legacy' },
  'a setting': { leave: [`set orochi.legacy = 'note of tenant-b'`], look: `select current_setting('orochi.legacy', true) as note` },
  'a setting made by a block': {
    leave: [`do $$ begin perform set_config('orochi.legacy', (select max(note) from orders), false); end $$`],
    look: `select current_setting('orochi.legacy', true) as note`,
  },
  'an advisory lock': {
    leave: ['select pg_advisory_lock(7_400_001)'],
    look: `select 'note of tenant-b' as note from pg_locks where locktype = 'advisory' and objid = 7_400_001 and pid = pg_backend_pid()`,
  },
  'a sequence': {
    leave: ['create temp sequence legacy', `select nextval('legacy')`],
    look: `select 'note of tenant-b ' || lastval() as note`,
  },
}

spec('SEC-005', async (trial) => {
  const { mint, connect, prove } = trial
  const direct = await connect({ direct: 'server' })
  await using tenants = await plantTenants(direct)
  const ofB = async () => (await tenants.truth()).filter((row) => row.includes('tenant-b'))
  const before = await ofB()
  const b = await enter(trial, 'tenant-b')
  expect((await bring(b, 'select note from orders')).length, 'rows that B reads').toBeGreaterThan(0)
  const a = await enter(trial, 'tenant-a')
  await prove('not-read', async () => {
    const seen: string[] = []
    for (const sql of [...Object.values(reads).flat(), ...Object.values(crossings)]) seen.push(...(await bring(a, sql)))
    for (const { statements } of forgeries().slice(0, 4)) {
      for (const sql of statements) seen.push(...(await bring(a, sql)))
      seen.push(...(await bring(a, 'select note from orders')), ...(await bring(a, 'rollback')))
    }
    for (const host of ['tenant-b', 'tenant-b.main.db.orochi.test', 'b.db.orochi.test'])
      seen.push(...(await notesAt(trial, host, await mint({ claims: { tenant_id: 'tenant-a' } }))))
    expect(seen.filter((row) => /note of tenant-b|name of b/.test(row))).toEqual([])
    expect(seen.join(), 'A reads its own').toContain('note of tenant-a')
  })
  await prove('not-changed', async () => {
    for (const sql of Object.values(writes)) await bring(a, sql)
    expect(await ofB(), 'rows of B').toEqual(before)
  })
  await prove('no-state', async () => {
    const left: string[] = []
    for (const [what, { leave, look }] of Object.entries(legacies)) {
      const [from, to] = [await enter(trial, 'tenant-b'), await enter(trial, 'tenant-a')]
      for (const sql of leave) await bring(from, sql)
      if ((await bring(to, look)).join().includes('note of tenant-b')) left.push(what)
      await Promise.all([from.end(), to.end()])
      await renewConnections(direct)
    }
    expect(left, `what A met of B: ${left.join(', ')}`).toEqual([])
  })
})

/** A host name that A guesses: refused, or what A reads there. Its certificate is the client's own affair. */
async function notesAt({ stack }: Pick<Trial<'SEC-005'>, 'stack'>, servername: string, token: string): Promise<readonly string[]> {
  const { default: driver } = await import('pg')
  const ssl = { ca: stack.door.ca, servername, checkServerIdentity: () => undefined }
  const client = new driver.Client({ ...doorConfig(stack, token), ssl })
  client.on('error', () => {})
  try {
    await client.connect()
    return await bring(client, 'select note from orders')
  } catch {
    return []
  } finally {
    await client.end().catch(() => undefined)
  }
}

const undeclared = 'orochi.permission_level'
const hide = (name: string, value: string) => `do $$ begin perform set_config('${name}', '${value}', false); end $$`
const seen = (name: string) => `select coalesce(current_setting('${name}', true), '') as value`

spec('SEC-126', async (trial) => {
  const { mint, connect, prove } = trial
  const direct = await connect({ direct: 'server' })
  await using _clean = leaveClean(direct)
  await using _tenants = await plantTenants(direct)
  const sameToken = await mint({ claims: { tenant_id: 'tenant-a', sub: 'one user' } })
  const peers = async () => ({
    'the same token': await answered(connect({ token: sameToken }), 'a client with the same token'),
    'the same tenant': await enter(trial, 'tenant-a', { sub: 'another user' }),
    'another tenant': await enter(trial, 'tenant-b', { sub: 'one user' }),
  })
  /** What each peer sees after a client of tenant-a has set a variable where no pooler sees it. */
  const afterPoison = async (name: string, value: string, look: string) => {
    const found: Record<string, string> = {}
    for (const [who, peer] of Object.entries(await peers())) {
      const poisoner = await answered(connect({ token: sameToken }), 'a client that poisons')
      await bring(poisoner, 'select 1')
      await bring(poisoner, hide(name, value))
      found[who] = (await bring(peer, look)).join()
      await Promise.all([poisoner.end(), peer.end()])
    }
    return found
  }
  await prove('identity', async () => {
    const identitySql = `select coalesce(orochi.tenant_id(), '') as tenant, (select string_agg(distinct tenant_id, ' ') from orders) as rows`
    const none = '{"tenant":"","rows":null}'
    const own = (tenant: string) => `{"tenant":"${tenant}","rows":"${tenant}"}`
    for (const [name, value] of [
      ['orochi.claims', ''],
      ['orochi.claims', 'tenant-b'],
      ['orochi.tenant_id', 'tenant-b'],
      ['request.jwt.claims', '{}'],
    ] as const) {
      const found = await afterPoison(name, value, identitySql)
      expect(found['another tenant'], `another tenant after ${name} was poisoned`).toBe(own('tenant-b'))
      for (const who of ['the same token', 'the same tenant'])
        expect([own('tenant-a'), none], `${who}, ${name}: ${found[who]}`).toContain(found[who])
    }
  })
  await prove('declared', async () => {
    const found = await afterPoison('orochi.tenant_id', 'tenant-z', seen('orochi.tenant_id'))
    expect(found).toEqual({
      'the same token': '{"value":"tenant-a"}',
      'the same tenant': '{"value":"tenant-a"}',
      'another tenant': '{"value":"tenant-b"}',
    })
  })
  await prove('undeclared', async () => {
    const found = await afterPoison(undeclared, 'super', seen(undeclared))
    const empty = '{"value":""}'
    expect(found).toEqual({ 'the same token': empty, 'the same tenant': empty, 'another tenant': empty })
  })
})

const who = `select session_user::text as session, current_user::text as me, current_setting('row_security') as rls, current_setting('search_path') as path`

/** By statements that a pooler can read, and where it cannot. */
const identities: Readonly<Record<'said' | 'hidden', readonly (readonly string[])[]>> = {
  said: [
    ['set role another_role'],
    ['set session role another_role'],
    ['begin', 'set role another_role', 'commit'],
    ['begin', 'set role another_role', 'rollback'],
    ['set session authorization orochi_app'],
    ['set row_security = off'],
    ['begin', 'set local role another_role'],
    ['set search_path = pg_temp'],
  ],
  hidden: [
    [`select set_config('role', 'another_role', false)`],
    [`do $$ begin perform set_config('role', 'another_role', false); end $$`],
    ['do $$ begin set role another_role; end $$'],
    ['do $$ begin set session authorization orochi_app; end $$'],
    [`do $$ begin set row_security = off; end $$`],
    [`with x as materialized (select set_config('row_security', 'off', false)) select 1 from x`],
  ],
}

spec('SEC-127', async (trial) => {
  const { connect, prove } = trial
  const direct = await connect({ direct: 'server' })
  const dropRole = `do $$ begin if exists (select from pg_roles where rolname = 'another_role') then revoke all on orders from another_role; drop role another_role; end if; end $$`
  await direct.query(`${dropRole}; create role another_role nologin; grant another_role to orochi_app`)
  await using _role = { [Symbol.asyncDispose]: async () => void (await direct.query(dropRole)) }
  const honest = (await bring(await enter(trial, 'tenant-b'), who)).join()
  /** What the next client is, by what the one before has said. */
  const afterEach = async (stories: readonly (readonly string[])[]) => {
    const unlike: string[] = []
    for (const statements of stories) {
      const a = await enter(trial, 'tenant-a')
      for (const sql of statements) await bring(a, sql)
      await a.end()
      const b = await enter(trial, 'tenant-b')
      const found = (await bring(b, who)).join()
      if (found !== honest) unlike.push(`after ${statements.join('; ')}: ${found}`)
      await b.end()
      await renewConnections(direct)
    }
    return unlike
  }
  await prove('said', async () => {
    expect(honest, 'who an honest client is').toContain('{"session":"orochi_app","me":"orochi_app","rls":"on"')
    expect(await afterEach(identities.said)).toEqual([])
  })
  await prove('hidden', async () => {
    expect(await afterEach(identities.hidden)).toEqual([])
  })
  await prove('usable', async () => {
    const a = await enter(trial, 'tenant-a')
    await bring(a, 'set transaction_read_only = off')
    await bring(a, 'select 1')
    await a.end()
    try {
      const b = await enter(trial, 'tenant-b')
      expect(await bring(b, who), 'the next client').toEqual([honest])
    } finally {
      await renewConnections(direct)
    }
  })
})
