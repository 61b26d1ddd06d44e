/** Hostile text in everything that becomes routing, settings or statements; it stays text, or the login is refused. */
import pg from 'pg'
import { expect } from 'vitest'
import { answered } from '../../fixtures/probe.ts'
import { doorConfig } from '../kit/gateway.ts'
import { wish, type Trial } from '../kit.ts'
import { callWitness, hostileTexts } from './hostile.ts'
import { attemptRaw } from './raw-login.ts'

const spec = wish({ pooler: { poolSize: 1 } })

/** Settings that the hostile texts are after, and who the session is. */
const stateSql = `select session_user::text, current_user::text, current_setting('work_mem') as memory, current_setting('row_security') as rls,
  current_setting('search_path') as path, orochi.tenant_id() as tenant`

type Ways = Pick<Trial<'SEC-003'>, 'stack' | 'mint'>

/** By each place a client's text can go: the state of the session it brings, or null when it is refused. */
const places: Readonly<Record<string, (ways: Ways, text: string) => Promise<readonly (string | null)[] | null>>> = {
  'a claim': async ({ stack, mint }, text) =>
    stateOf(stack, { token: await mint({ claims: { sub: text, email: text, branch_id: text } }) }),
  'the name of a claim': async ({ stack, mint }, text) => stateOf(stack, { token: await mint({ claims: { [text]: text } }) }),
  application_name: async ({ stack, mint }, text) => stateOf(stack, { token: await mint(), startup: { application_name: text } }),
  'a time zone': async ({ stack, mint }, text) => stateOf(stack, { token: await mint(), startup: { TimeZone: text } }),
  options: async ({ stack, mint }, text) => stateOf(stack, { token: await mint(), startup: { options: `-c application_name=${text}` } }),
  'the name of a parameter': async ({ stack, mint }, text) => stateOf(stack, { token: await mint(), startup: { [text]: '1' } }),
  'a database': async ({ stack, mint }, text) => stateOf(stack, { token: await mint(), database: text }),
  'a user': async ({ stack, mint }, text) => stateOf(stack, { token: await mint({ claims: { role: text } }), user: text }),
  'a host name': (ways, text) => throughHost(ways, text),
}

async function stateOf(stack: Ways['stack'], wish: Parameters<typeof attemptRaw>[1]): Promise<readonly (string | null)[] | null> {
  const { refusal, row } = await attemptRaw(stack, { ...wish, sql: stateSql })
  // A pooler may find out with the first query only: an error in place of the row.
  return refusal === null && row.length > 1 ? row : null
}

/** The name is the client's own affair here: it checks no certificate for it. */
async function throughHost({ stack, mint }: Ways, text: string): Promise<readonly (string | null)[] | null> {
  const ssl = { ca: stack.door.ca, servername: text, checkServerIdentity: () => undefined }
  const client = new pg.Client({ ...doorConfig(stack, await mint()), ssl })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<(string | null)[]>({ text: stateSql, rowMode: 'array' })
    return rows[0] ?? []
  } catch {
    return null
  } finally {
    await client.end().catch(() => undefined)
  }
}

spec('SEC-003', async (trial) => {
  const { stack, mint, connect, prove } = trial
  await using witness = await callWitness(await connect({ direct: 'server' }))
  const honest = await stateOf(stack, { token: await mint() })
  const states: { where: string; state: readonly (string | null)[] | null }[] = []
  for (const [place, enter] of Object.entries(places))
    for (const [what, text] of Object.entries(hostileTexts)) states.push({ where: `${what} in ${place}`, state: await enter(trial, text) })
  const keys = await keysOf(await answered(connect({ token: await mint() }), 'a client'))
  const afterwards = await stateOf(stack, { token: await mint() })
  await prove('no-setting', () => {
    expect(honest?.slice(0, 2), 'who an honest session is').toEqual(['orochi_app', 'orochi_app'])
    for (const { where, state } of states) expect(state ?? honest, where).toEqual(honest)
    expect(afterwards, 'a session after all these').toEqual(honest)
    expect(states.filter(({ state }) => state !== null).length, 'texts that came through').toBeGreaterThan(20)
  })
  await prove('no-statement', async () => {
    expect(keys, 'sharding keys, as the server has them').toEqual(Object.values(hostileTexts).flatMap((text) => [text, text]))
    expect(await witness.marks(), 'statements that were run').toBe(0)
  })
})

/** Sharding keys with hostile text, as parameter and as literal: what the server took them for. */
async function keysOf(client: pg.Client): Promise<readonly unknown[]> {
  const keys: unknown[] = []
  for (const text of Object.values(hostileTexts)) {
    const select = (key: string) => `select k as key from (values (${key})) v(k) left join orders o on o.tenant_id = k`
    const bound = await answered(client.query<{ key: string }>(select('$1::text'), [text]), 'a key as parameter')
    const quoted = await answered(client.query<{ key: string }>(select(pg.escapeLiteral(text))), 'a key as literal')
    keys.push(bound.rows[0]?.key, quoted.rows[0]?.key)
  }
  return keys
}
