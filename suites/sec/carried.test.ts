/** Values of claims on their way into the session: whole, to the letter, and never a statement. */
import type pg from 'pg'
import { expect } from 'vitest'
import { answered } from '../../fixtures/probe.ts'
import { wish, type Trial } from '../kit.ts'
import { bring, enter, plantTenants } from '../mt/tenants.ts'
import { callWitness, hostileTexts } from './hostile.ts'

const spec = wish({ pooler: { poolSize: 1 } })

/** All claims that are carried in the signed value; the role is not free to choose. */
const carried = ['sub', 'tenant_id', 'branch_id', 'jti', 'email'] as const

const lookSql = `select orochi.user_id() as sub, orochi.tenant_id() as tenant_id, orochi.branch_id() as branch_id, orochi.claims() ->> 'jti' as jti,
  orochi.has_permission('p' || orochi.user_id()) as has, current_setting('request.jwt.claims', true) as plain`

type Seen = Readonly<Record<'sub' | 'tenant_id' | 'branch_id' | 'jti' | 'plain', string> & { has: boolean }>
type Ways = Pick<Trial<'SEC-120'>, 'mint' | 'connect'>

/** What a session with this text in every claim sees, or null when its login is refused. */
async function openWith({ mint, connect }: Ways, text: string): Promise<pg.Client | null> {
  const token = await mint({ claims: { ...Object.fromEntries(carried.map((claim) => [claim, text])), permissions: [`p${text}`] } })
  return connect({ token }).catch((error: { severity?: string; message: string }) => {
    expect(error.severity, `a login: ${error.message}`).toBe('FATAL')
    return null
  })
}

const look = async (client: pg.Client): Promise<Seen> => (await answered(client.query<Seen>(lookSql), 'a look')).rows[0]!

function expectVerified(seen: Seen, text: string, what: string): void {
  const { sub, tenant_id, branch_id, jti, has } = seen
  expect({ sub, tenant_id, branch_id, jti, has }, what).toEqual({ sub: text, tenant_id: text, branch_id: text, jti: text, has: true })
}

function expectPlain(seen: Seen, text: string, what: string): void {
  let parsed: unknown = seen.plain
  try {
    parsed = JSON.parse(seen.plain)
  } catch {
    // Text that is no JSON is compared as it is.
  }
  expect(parsed, what).toMatchObject(Object.fromEntries(carried.map((claim) => [claim, text])))
}

interface Look {
  readonly what: string
  readonly text: string
  readonly seen: Seen
}

/** Two sessions take turns on one server connection, so that their values are replayed each time; both read strings in the old way if wished. */
async function takeTurns(ways: Ways, texts: readonly (readonly [string, string])[], before: string): Promise<Look[]> {
  const looks: Look[] = []
  const other = await answered(ways.connect({ token: await ways.mint() }), 'another client')
  for (const [what, text] of texts) {
    const client = await openWith(ways, text)
    if (client === null) continue
    for (const each of [other, client]) await answered(each.query(before), before)
    looks.push({ what, text, seen: await look(client) })
    await answered(other.query('select 1'), 'a turn of the other')
    looks.push({ what: `${what}, again`, text, seen: await look(client) })
    await client.end()
  }
  return looks
}

spec('SEC-120', async (trial) => {
  const { connect, prove } = trial
  await using witness = await callWitness(await connect({ direct: 'server' }))
  const texts = Object.entries({
    ...hostileTexts,
    'a NUL': 'a\0b',
    'a backslash': 'a\\b\\',
    'beyond ASCII': 'ü\u2028🐉',
    'a line': 'a\r\nb\tc',
  })
  const usual = await takeTurns(trial, texts, 'set standard_conforming_strings = on')
  const old = await takeTurns(trial, texts, 'set standard_conforming_strings = off')
  await prove('verified', () => {
    expect(usual.length, 'looks').toBeGreaterThan(20)
    for (const { what, text, seen } of usual) expectVerified(seen, text, what)
    for (const { what, text, seen } of old) expectVerified(seen, text, `${what}, with standard_conforming_strings off`)
  })
  await prove('plain', () => {
    for (const { what, text, seen } of usual) expectPlain(seen, text, what)
    for (const { what, text, seen } of old) expectPlain(seen, text, `${what}, with standard_conforming_strings off`)
  })
  await prove('nothing-executed', async () => {
    expect(await witness.marks(), 'statements that claims have run').toBe(0)
  })
})

/** Equal in the first 63 bytes, which is where Postgres cuts a name. */
const stem = `tenant-${'x'.repeat(56)}`

spec('SEC-121', async (trial) => {
  const direct = await trial.connect({ direct: 'server' })
  await using _tenants = await plantTenants(direct)
  await trial.prove('whole', async () => {
    for (const length of [62, 63, 64, 80, 128, 500]) {
      const text = 'y'.repeat(length - 4) + 'tail'
      const client = await enter(trial, text, { sub: text, branch_id: text })
      const names = ['orochi.tenant_id', 'orochi.user_id', 'request.jwt.claim.sub', 'request.jwt.claim.tenant_id']
      const plain = names.map((name) => `coalesce(nullif(current_setting('${name}', true), ''), '${text}')`).join(', ')
      const { rows } = await answered(
        client.query({ text: `select orochi.tenant_id(), orochi.user_id(), orochi.branch_id(), ${plain}`, rowMode: 'array' }),
        'a look',
      )
      expect([...new Set(rows[0] as unknown[])], `values of ${length} bytes`).toEqual([text])
      await client.end()
    }
  })
  await trial.prove('apart', async () => {
    const [one, two] = [await enter(trial, `${stem}-1`), await enter(trial, `${stem}-2`)]
    const insert = (n: number) =>
      `insert into orders (tenant_id, order_id, amount_cents) values ('${stem}-${n}', 7400000600, ${n}) returning amount_cents as n`
    try {
      expect(await bring(one, insert(1))).toEqual(['{"n":"1"}'])
      expect(await bring(two, insert(2))).toEqual(['{"n":"2"}'])
      for (let turn = 0; turn < 3; turn++) {
        expect(await bring(one, 'select amount_cents as n from orders'), 'rows of the one').toEqual(['{"n":"1"}'])
        expect(await bring(two, 'select amount_cents as n from orders'), 'rows of the other').toEqual(['{"n":"2"}'])
      }
      expect(await bring(one, insert(2)), 'a row in the name of the other').toEqual(['error 42501'])
    } finally {
      await direct.query(`delete from orders where tenant_id like '${stem}%'`)
    }
  })
})
