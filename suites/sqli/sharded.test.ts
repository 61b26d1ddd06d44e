/** Hostile text where a statement is routed by it: as the sharding key, and in comments that look like hints to the pooler. */
import type pg from 'pg'
import { expect } from 'vitest'
import { answered } from '../../fixtures/probe.ts'
import { wish } from '../kit.ts'
import { callWitness, hostileTexts, type Witness } from '../sec/hostile.ts'
import { loggedStatements, newWord, openShards, type Shards } from '../shard/shards.ts'

const spec = wish({ shards: 3, ...loggedStatements })

/** A witness on each shard. */
async function callWitnesses(shards: Shards, scope: AsyncDisposableStack): Promise<() => Promise<number>> {
  const witnesses: Witness[] = []
  for (const direct of shards.direct) witnesses.push(scope.use(await callWitness(direct)))
  return async () => (await Promise.all(witnesses.map((witness) => witness.marks()))).reduce((sum, marks) => sum + marks, 0)
}

const quoted = (text: string) => `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/** A value can be said in many ways: the pooler has to read each as the server does. */
const inserts: Readonly<Record<string, (key: string, note: string) => string | pg.QueryConfig>> = {
  'a literal': (key, note) => `insert into keys_text (key, note) values ('${key.replaceAll("'", "''")}', '${note}')`,
  'a literal with escapes': (key, note) => `insert into keys_text (key, note) values (${quoted(key)}, '${note}')`,
  'a dollar-quoted literal': (key, note) => `insert into keys_text (key, note) values ($tag$${key}$tag$, '${note}')`,
  'a parameter': (key, note) => ({ text: 'insert into keys_text (key, note) values ($1, $2)', values: [key, note] }),
  'a parameter of a prepared statement': (key, note) => ({
    name: 'hostile-key',
    text: 'insert into keys_text (key, note) values ($1, $2)',
    values: [key, note],
  }),
}

spec('SQLI-001', async (trial) => {
  const { connect, prove } = trial
  await using scope = new AsyncDisposableStack()
  const shards = scope.use(await openShards(trial))
  const marks = await callWitnesses(shards, scope)
  const client = await connect()
  const keys: string[] = []
  for (const [way, insert] of Object.entries(inserts))
    for (const text of Object.values(hostileTexts)) {
      keys.push(`${text} (${way})`)
      await answered(client.query(insert(keys.at(-1)!, 'n') as string), `an insert with ${way}`)
    }
  await prove('hashed', async () => {
    const placed = await shards.placed('keys_text', 'key')
    expect([...placed.keys()].toSorted()).toEqual(keys.toSorted())
    for (const key of keys) expect(placed.get(key), `the shards of ${key}`).toEqual([await shards.designated('text', key)])
    for (const key of keys) {
      const { rows } = await answered(client.query('select key from keys_text where key = $1', [key]), 'a select')
      expect(rows).toEqual([{ key }])
    }
  })
  await prove('nothing-executed', async () => expect(await marks(), 'statements that keys have run').toBe(0))
})

const mark = `insert into public.hostile_witness values (1)`

/** Of which none is what a pooler takes for a hint, to the letter. `n`: a shard that is not the key's. */
const comments: Readonly<Record<string, (n: number) => string>> = {
  'more behind the number': (n) => `/* pgdog_shard: ${n}; ${mark} */`,
  'a condition behind the number': (n) => `/* pgdog_shard: ${n} or 1=1 */`,
  'a number that is none': (n) => `/* pgdog_shard: ${n}x */`,
  'a name within a name': (n) => `/* not_pgdog_shard: ${n} */`,
  'another comment within': (n) => `/* /* pgdog_shard: ${n} */ ${mark} */`,
  'a quote in a key': () => `/* pgdog_sharding_key: "x'; ${mark}; --" */`,
  'an end within': (n) => `/* x */ /* ; ${mark}; pgdog_shard:${n}' */`,
  'a line comment': (n) => `-- pgdog_shard: ${n}'; ${mark};\n`,
  'a role that is none': () => `/* orochi_role: primary'; ${mark}; */`,
  'a shard that is none': () => `/* pgdog_shard: 99999999999999999999 */`,
}

spec('SQLI-003', async (trial) => {
  const { connect, prove, attach } = trial
  await using scope = new AsyncDisposableStack()
  const shards = scope.use(await openShards(trial))
  const marks = await callWitnesses(shards, scope)
  const client = await connect()
  const elsewhere = async (key: string) => ((await shards.designated('text', key)) + 1) % shards.direct.length
  const told: string[] = []
  const run = async (key: string, sql: string) =>
    client.query(sql).then(
      () => void told.push(`${key}: done`),
      (cause: Error) => void told.push(`${key}: ${cause.message}`),
    )
  for (const [what, comment] of Object.entries(comments))
    for (const place of ['ahead', 'behind']) {
      const key = `${what}, ${place}`
      const text = comment(await elsewhere(key))
      const insert = `insert into keys_text (key, note) values ('${key}', '${newWord()}')`
      await run(key, place === 'ahead' ? `${text} ${insert}` : `${insert} ${text}`)
    }
  const placed = await shards.placed('keys_text', 'key')
  attach('answers.txt', told.join('\n'))
  await prove('strict', async () => {
    for (const [key, where] of placed)
      expect(where, `the shards of a statement with ${key}`).toEqual([await shards.designated('text', key)])
    expect(placed.size, 'statements that were not refused').toBeGreaterThan(0)
  })
  const values = Object.entries(comments)
  for (const [what, comment] of values) {
    const key = `in a value: ${what}`
    await run(key, `insert into keys_text (key, note) values ('${key}', '${comment(await elsewhere(key)).replaceAll("'", "''")}')`)
    const own = `${comment(await elsewhere('x'))} as key`
    await client.query('insert into keys_text (key, note) values ($1, $2)', [own, 'n'])
  }
  await prove('values', async () => {
    const all = await shards.placed('keys_text', 'key')
    for (const [key, where] of all)
      if (!placed.has(key)) expect(where, `the shards of ${key}`).toEqual([await shards.designated('text', key)])
    expect(all.size - placed.size).toBe(2 * values.length)
  })
  await prove('nothing-executed', async () => expect(await marks(), 'statements that comments have run').toBe(0))
})
