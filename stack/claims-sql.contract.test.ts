/** The SQL that verifies claims, on every version of PostgreSQL that is at hand: what the gateway signed counts, and nothing else does. */
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import type pg from 'pg'
import { expect, test } from 'vitest'
import { findPostgres, majors, type Major } from './components/postgres-binary.ts'
import { withClient } from './components/set-up.ts'
import { raise } from './raise.ts'
import type { Stack } from './stack.ts'
import { undoRun } from './sweep.ts'
import { blobOf, payloadOf, type BlobKey } from '../fixtures/sealed-claims.ts'
import { defaultTopology } from './wish.ts'

const old: BlobKey = { keyId: 't1', key: randomBytes(32) }
const recent: BlobKey = { keyId: 't2', key: randomBytes(64) }
const stranger: BlobKey = { keyId: 't1', key: randomBytes(32) }

const atHand = (major: Major): boolean => {
  try {
    return findPostgres(major) !== null
  } catch {
    return false
  }
}

/** A server of this version alone, with two keys of the test's own. */
async function onServer(major: Major, act: (stack: Stack, app: pg.Client, admin: pg.Client) => Promise<void>): Promise<void> {
  const run = `claims-sql-${major}-${process.pid}`
  const topology = defaultTopology({ postgres: { version: major }, pooler: null, gateway: null, links: 'direct' })
  await using undone = new AsyncDisposableStack()
  undone.defer(() => undoRun(run))
  await using stack = await raise(topology, { run, provider: 'embedded', signal: AbortSignal.timeout(60_000) })
  await withClient(stack.server(0), async (admin) => {
    for (const { keyId, key } of [old, recent]) await admin.query('select orochi.put_claims_key($1, $2, $3)', [keyId, key, 'local'])
    await withClient(stack.app(0), (app) => act(stack, app, admin))
  })
}

async function tenantOf(client: pg.Client, blob: string): Promise<string | null> {
  const [, { rows }] = (await client.query(
    `select set_config('orochi.claims', ${client.escapeLiteral(blob)}, false); select orochi.tenant_id() as tenant`,
  )) as unknown as [unknown, pg.QueryResult<{ tenant: string | null }>]
  return rows[0]?.tenant ?? null
}

const now = () => Math.floor(Date.now() / 1000)

/** Nobody's claims, each for a reason of its own. */
const worthless = (): Readonly<Record<string, string>> => ({
  'signed by another key': blobOf(payloadOf(), stranger),
  'signed by the other key of the two': blobOf(payloadOf(), { keyId: old.keyId, key: recent.key }),
  'signed by a key nobody knows': blobOf(payloadOf(), { ...old, keyId: 't3' }),
  expired: blobOf(payloadOf({ exp: now() - 1 }), old),
  'without an end': blobOf(payloadOf({ exp: undefined }), old),
  'for another cluster': blobOf(payloadOf({ cluster: 'remote' }), old),
  'for another role': blobOf(payloadOf({ role: 'orochi_admin' }), old),
  'for no role': blobOf(payloadOf({ role: undefined }), old),
  'of another version': blobOf(payloadOf({ v: 2 }), old),
  'with a payload that was altered': blobOf(payloadOf(), old).replace(/"p":"[^"]+"/, `"p":"${Buffer.from(JSON.stringify(payloadOf({ tenant_id: 'tenant-b' }))).toString('base64url')}"`), // prettier-ignore
  'without a signature': blobOf(payloadOf(), old).replace(/"s":"[^"]+"/, '"s":""'),
  'with the signature cut': blobOf(payloadOf(), old).replace(/.","k"/, '","k"'),
  'with a field more': blobOf(payloadOf(), old).replace('}', ',"x":"1"}'),
  'with spaces': JSON.stringify(JSON.parse(blobOf(payloadOf(), old)), null, 1),
  empty: '',
  'no claims at all': 'tenant-a',
})

for (const major of majors) {
  const title = `PostgreSQL ${major}: claims hold when they were signed for here and now, whatever else a client sets`
  test.skipIf(!atHand(major))(title, async () => {
    await onServer(major, async (stack, app, admin) => {
      expect(stack.versions['postgres-0']).toMatch(new RegExp(`^PostgreSQL ${major}\\.`))
      expect(await tenantOf(app, blobOf(payloadOf(), old)), 'by the old key').toBe('tenant-a')
      expect(await tenantOf(app, blobOf(payloadOf({ tenant_id: 'ténant 🐉 "b"' }), recent)), 'by the new key').toBe('ténant 🐉 "b"')
      for (const [what, blob] of Object.entries(worthless())) expect(await tenantOf(app, blob), what).toBeNull()
      await expectNoInputToFail(app)
      await expectRotation(app, admin)
      await expectBranch(app, admin)
      await expectScopes(app)
      await expectClosedDoors(app)
    })
  })
}

/** Any text at all gives NULL and no error, signed or not. */
async function expectNoInputToFail(app: pg.Client): Promise<void> {
  const text = fc.string({ unit: 'binary', maxLength: 60 }).filter((one) => one.isWellFormed() && !one.includes('\0'))
  const blob = fc.oneof(
    text,
    text.map((body) => `{"p":"${body}","s":"x","k":"t1"}`),
    text.map((k) => `{"p":"e30","s":"x","k":"${k}"}`),
  )
  await fc.assert(
    fc.asyncProperty(blob, async (one) => {
      expect(await tenantOf(app, one)).toBeNull()
    }),
    { numRuns: 150 },
  )
}

/** Two keys are good at once; a key that is taken away is worth nothing from then on; one of the same name takes the old one's place. */
async function expectRotation(app: pg.Client, admin: pg.Client): Promise<void> {
  const before = blobOf(payloadOf(), old)
  await admin.query('delete from orochi.claims_key where key_id = $1', [old.keyId])
  expect(await tenantOf(app, before), 'by a key that was taken away').toBeNull()
  expect(await tenantOf(app, blobOf(payloadOf(), recent)), 'by the key that stayed').toBe('tenant-a')
  await admin.query(`select orochi.put_claims_key($1, $2, 'local')`, [old.keyId, stranger.key])
  expect(await tenantOf(app, before), 'by a key that was replaced').toBeNull()
  await admin.query(`select orochi.put_claims_key($1, $2, 'local')`, [old.keyId, old.key])
  expect(await tenantOf(app, before), 'by a key that came back').toBe('tenant-a')
  const tooShort = admin.query(`select orochi.put_claims_key('short', $1, 'local')`, [Buffer.alloc(31)])
  await expect(tooShort, 'a short key').rejects.toMatchObject({ code: '22023' })
}

async function expectBranch(app: pg.Client, admin: pg.Client): Promise<void> {
  await admin.query(`select orochi.put_claims_key('branch', $1, 'local', 'b-1')`, [old.key])
  const key = { ...old, keyId: 'branch' }
  expect(await tenantOf(app, blobOf(payloadOf({ branch: 'b-1' }), key)), 'of this branch').toBe('tenant-a')
  for (const branch of ['main', 'B-1', undefined])
    expect(await tenantOf(app, blobOf(payloadOf({ branch }), key)), `of the branch ${branch}`).toBeNull()
}

const insertSql = `insert into public.orders (tenant_id, order_id, amount_cents) values ('tenant-a', 1, 1) on conflict do nothing`

async function expectScopes(app: pg.Client): Promise<void> {
  const ask = async (claims: Readonly<Record<string, unknown>>): Promise<unknown> => {
    await tenantOf(app, blobOf(payloadOf(claims), old))
    const { rows } = await app.query(`select orochi.has_permission('write') as has, orochi.is_within_scope('write') as may`)
    return rows[0]
  }
  expect(await ask({}), 'without permissions').toEqual({ has: false, may: true })
  expect(await app.query(insertSql)).toMatchObject({ command: 'INSERT' })
  expect(await ask({ permissions: ['read', 'write'] })).toEqual({ has: true, may: true })
  expect(await app.query(insertSql)).toMatchObject({ command: 'INSERT' })
  for (const permissions of [['read'], ['writer', 'WRITE'], []]) {
    expect(await ask({ permissions }), permissions.join()).toEqual({ has: false, may: false })
    for (const sql of [insertSql, 'update public.orders set note = null', 'delete from public.orders where false'])
      await expect(app.query(sql), `${sql} with ${permissions.join()}`).rejects.toMatchObject({ code: '42501' })
    expect((await app.query('select count(*)::int as rows from public.orders')).rows, 'reads go on').toEqual([{ rows: 1 }])
  }
  await tenantOf(app, '')
  expect((await app.query(`select orochi.has_permission('read') as has, orochi.is_within_scope('read') as may`)).rows).toEqual([
    { has: false, may: false },
  ])
}

/** What belongs to the owner of the schema stays his; and whoever demands claims is told what to do when there are none. */
async function expectClosedDoors(app: pg.Client): Promise<void> {
  for (const sql of [
    'select * from orochi.claims_key',
    'select * from orochi.super_admin_access',
    `select orochi.put_claims_key('mine', sha256('x'), 'local')`,
    `insert into orochi.claims_key select * from orochi.claims_key`,
    'create table orochi.mine (x int)',
    `create or replace function orochi.tenant_id() returns text language sql return 'tenant-b'`,
    'alter table public.orders disable row level security',
    'set role orochi_owner',
    'set role orochi_admin',
    `set session authorization orochi_admin`,
  ])
    await expect(app.query(sql), sql).rejects.toMatchObject({ code: '42501' })
  expect((await app.query(`select orochi.every_tenant('orders') as all`)).rows).toEqual([{ all: false }])
  const demands = ['select orochi.demand_claims()', `select orochi.demand_scope('read')`, insertSql]
  for (const sql of demands)
    await expect(app.query(sql), sql).rejects.toMatchObject({ code: '28000', message: 'claims missing: reconnect' })
}
