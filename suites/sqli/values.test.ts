/** Hostile text as a claim, as a stored value and as a parameter: it is what it is, to the letter, and runs nothing. */
import type pg from 'pg'
import { expect } from 'vitest'
import { answered, firstText, textRows } from '../../fixtures/probe.ts'
import { openRaw } from '../conn/raw.ts'
import { wish } from '../kit.ts'
import { callWitness, hostileTexts } from '../sec/hostile.ts'

const spec = wish({ pooler: { poolSize: 1 } })
const texts = Object.entries(hostileTexts)

spec('SQLI-002', async ({ connect, mint, prove }) => {
  await using witness = await callWitness(await connect({ direct: 'server' }))
  await prove('quoted', async () => {
    for (const [what, text] of texts) {
      const token = await mint({ claims: { sub: text, tenant_id: text, branch_id: text } })
      const client = await answered(connect({ token }), `a login with ${what}`)
      const sql = `select orochi.user_id() as sub, orochi.tenant_id() as tenant, orochi.branch_id() as branch, current_setting('request.jwt.claims')::jsonb ->> 'sub' as plain`
      const { rows } = await answered(client.query(sql), what)
      expect(rows, what).toEqual([{ sub: text, tenant: text, branch: text, plain: text }])
      await client.end()
    }
    expect(await witness.marks(), 'statements that claims have run').toBe(0)
  })
})

const firstNote = 7_400_000_800

/** Each reads the notes in another way. */
const readings: Readonly<Record<string, (client: pg.Client) => Promise<readonly unknown[]>>> = {
  'a simple query': async (client) =>
    (await client.query('select note from orders order by order_id')).rows.map(({ note }) => note as unknown),
  'a prepared statement': async (client) =>
    (
      await client.query({ name: 'notes', text: 'select note from orders where order_id >= $1 order by order_id', values: [firstNote] })
    ).rows.map(({ note }) => note as unknown),
  'a cursor': async (client) => {
    await client.query('begin')
    await client.query('declare notes cursor for select note from orders order by order_id')
    const { rows } = await client.query('fetch all from notes')
    await client.query('commit')
    return rows.map(({ note }) => note as unknown)
  },
  'settings made of it': async (client) => {
    const { rows } = await client.query(
      `select set_config('application_name', left(note, 60), false), set_config('orochi.note', note, false) as note from orders order by order_id`,
    )
    await client.query('select 1')
    return rows.map(({ note }) => note as unknown)
  },
  'a block that quotes it': async (client) => {
    await client.query('begin')
    await client.query(`do $$ declare r record; begin create temp table quoted (note text) on commit drop;
      for r in select note from orders order by order_id loop execute format('insert into quoted values (%L)', r.note); end loop; end $$`)
    const { rows } = await client.query('select note from quoted')
    await client.query('commit')
    return rows.map(({ note }) => note as unknown)
  },
}

spec('SQLI-004', async ({ connect, mint, prove }) => {
  const direct = await connect({ direct: 'server' })
  await using witness = await callWitness(direct)
  const client = await answered(connect({ token: await mint() }), 'a client')
  const expected = texts.map(([, text]) => text)
  try {
    // Stored past the system: on the way in nothing but the server has seen it.
    for (const [n, text] of expected.entries())
      await direct.query(`insert into orders (tenant_id, order_id, amount_cents, note) values ('tenant-a', $1, 1, $2)`, [
        firstNote + n,
        text,
      ])
    await prove('inert', async () => {
      for (const [way, read] of Object.entries(readings)) expect(await answered(read(client), way), way).toEqual(expected)
      expect(await witness.marks(), 'statements that stored texts have run').toBe(0)
    })
  } finally {
    await direct.query('delete from orders where order_id >= $1 and order_id < $1 + 100', [firstNote])
  }
})

const [textType, intType] = [25, 23]

spec('SQLI-005', async (trial) => {
  const { connect, prove } = trial
  await using witness = await callWitness(await connect({ direct: 'server' }))
  await using probe = await openRaw(trial)
  await prove('data', async () => {
    for (const [what, text] of texts) {
      const value = Buffer.from(text)
      for (const format of [0, 1] as const) {
        const execution = { values: [value], valueFormats: [format], resultFormats: [0] as const }
        const answer = await probe.extended('select $1::text, length($1)', [textType], execution)
        expect(textRows(answer), `${what} in format ${format}`).toEqual([[text, String([...text].length)]])
      }
      const condition = await probe.extended('select count(*) from orders where note = $1 or tenant_id = $1', [textType], {
        values: [value],
      })
      expect(firstText(condition), `rows for ${what}`).toBe('0')
      const limited = await probe.extended('select $1::int', [intType], { values: [value] })
      expect(limited.errors[0]?.sqlstate, `${what} as a number`).toBe('22P02')
    }
    expect(await witness.marks(), 'statements that parameters have run').toBe(0)
  })
})
