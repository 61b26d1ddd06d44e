/** The key is found wherever a statement says it, and no row ever lies on a shard that is not its own. */
import { expect } from 'vitest'
import type pg from 'pg'
import { answered } from '../../fixtures/probe.ts'
import { wish } from '../kit.ts'
import { loggedStatements, newWord, openShards, rowsOf, sqlstateOf, type Shards } from './shards.ts'

const spec = wish({ shards: 3, ...loggedStatements })

/** Either it was done or it was refused; what came of it is seen on the shards. */
async function tryTo(client: pg.Client, text: string, values?: readonly unknown[]): Promise<string> {
  const said = values === undefined ? text : { text, values: [...values] }
  return answered(client.query(said as string), text.slice(0, 60)).then(
    () => 'done',
    (error: unknown) => `refused ${sqlstateOf(error)}`,
  )
}

async function misplaced(shards: Shards, table = 'items', column = 'item_id'): Promise<readonly string[]> {
  const wrong: string[] = []
  for (const [key, on] of await shards.placed(table, column)) {
    const home = await shards.designated('int8', key)
    if (on.length !== 1 || on[0] !== home) wrong.push(`${key} lies on ${on.join(' and ')}, its shard is ${home}`)
  }
  return wrong
}

const single: readonly [text: string, values?: readonly unknown[]][] = [
  [`insert into items (item_id, grp) values (11, 'first')`],
  [`insert into items (grp, note, item_id) values ('last', 'n', 12)`],
  [`insert into items values (13, 'no list', 1, 1.5, 'n')`],
  [`insert into items values ($1, $2, $3, $4, $5)`, [14, 'no list, bound', 1, 1.5, 'n']],
  [`insert into public.items (item_id, grp) values (15, 'with schema')`],
  [`insert into "items" ("item_id", grp) values ('16', 'quoted')`],
  [`insert into items (item_id, grp) values (-17, 'negative')`],
  [`insert into items (item_id, grp) values ($2, $1)`, ['swapped', 18]],
  [`insert into items as i (item_id, grp) values (19, 'alias') on conflict (item_id) do update set grp = 'again'`],
  [`insert into items (item_id, grp) values (20::bigint, 'cast') returning item_id`],
]
const several: readonly [text: string, values?: readonly unknown[]][] = [
  [`insert into items (item_id, grp) values (101, 'a'), (102, 'b'), (103, 'c'), (104, 'd'), (105, 'e')`],
  [`insert into items (grp, item_id) values ($1, $2), ($3, $4), ($1, $5)`, ['a', 111, 'b', 112, 113]],
  [`insert into items values (121, 'a'), (122, 'b'), (123, 'c')`],
]

spec('SHARD-015', async (trial) => {
  const { connect, prove } = trial
  await using shards = await openShards(trial)
  const client = await connect()
  const outcomes: string[] = []
  for (const [text, values] of single) outcomes.push(await tryTo(client, text, values))
  const afterSingle = await shards.placed('items', 'item_id')
  const wrongOfSingle = await misplaced(shards)
  const outcomesOfSeveral: string[] = []
  for (const [text, values] of several) outcomesOfSeveral.push(await tryTo(client, text, values))
  await prove('placed', () => {
    expect(outcomes, 'inserts of one row').toEqual(single.map(() => 'done'))
    expect(afterSingle.size, 'rows').toBe(single.length)
    expect(wrongOfSingle).toEqual([])
  })
  await prove('split', async () => {
    const lost = several.flatMap(([text], index) =>
      outcomesOfSeveral[index] === 'done' ? [...text.matchAll(/\((1\d\d),/g)].map(([, key]) => key!) : [],
    )
    const placed = await shards.placed('items', 'item_id')
    expect(
      lost.filter((key) => !placed.has(key)),
      'rows said to be written that are nowhere',
    ).toEqual([])
    expect(await misplaced(shards)).toEqual([])
  })
})

spec('SHARD-016', async (trial) => {
  const { connect, prove } = trial
  await using shards = await openShards(trial)
  const client = await connect()
  for (let key = 1; key <= 12; key++)
    await shards.direct[await shards.designated('int8', key)]!.query(`insert into items (item_id, grp, amount) values ($1, 'planted', 1)`, [
      key,
    ])
  const word = newWord()
  await answered(client.query(`update items set note = '${word}', amount = 2 where grp = 'planted' and item_id = 3`), 'an update')
  const ran = await shards.executed(word)
  await prove('routed', async () => {
    expect(ran, 'where it ran').toEqual([await shards.designated('int8', 3)])
  })
  const moves = async (some: readonly number[]) => {
    const outcomes: string[] = []
    for (const from of some)
      outcomes.push(`${from} ${from + 200} ${await tryTo(client, `update items set item_id = ${from + 200} where item_id = ${from}`)}`)
    return outcomes
  }
  const alone = await moves([1, 2])
  await answered(client.query('begin'), 'begin')
  const together = await moves([3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  await answered(client.query('commit'), 'commit')
  const placed = await shards.placed('items', 'item_id')
  await prove('moved', () => {
    // A refusal takes the whole transaction with it.
    const undone = together.some((outcome) => !outcome.endsWith(' done'))
    for (const outcome of [...alone, ...together]) {
      const [from = '', to = '', what] = outcome.split(' ')
      const moved = what === 'done' && !(undone && together.includes(outcome))
      expect([placed.has(from), placed.has(to)], outcome).toEqual([!moved, moved])
    }
    expect(placed.size, 'rows').toBe(12)
  })
  await prove('never-misplaced', async () => {
    expect(await misplaced(shards)).toEqual([])
  })
})

/** Statements that say the key 42 somewhere; each finds its one row. */
const saying = (word: string): readonly string[] => [
  `select note as ${word} from items where item_id = 42`,
  `select note as ${word} from items where 42 = item_id and grp = 'planted'`,
  `select note as ${word} from items where item_id in (42)`,
  `select note as ${word} from items i where i.item_id = 42`,
  `select note as ${word} from items i join item_lines l on l.item_id = i.item_id where l.item_id = 42`,
  `select note as ${word} from (select * from items where item_id = 42) as chosen`,
  `with chosen as (select * from items where item_id = 42) select note as ${word} from chosen`,
  `select note as ${word} from items where item_id = (select 42)`,
]

spec('SHARD-012', async (trial) => {
  const { connect, prove } = trial
  await using shards = await openShards(trial)
  const home = await shards.designated('int8', 42)
  await shards.direct[home]!.query(`insert into items (item_id, grp, note) values (42, 'planted', 'found')`)
  await shards.direct[home]!.query(`insert into item_lines values (42, 1, 'CH', 1)`)
  const client = await connect()
  const ask = async (text: string, word: string) => ({ text, rows: await rowsOf(client, text), on: await shards.executed(word) })
  const found: Awaited<ReturnType<typeof ask>>[] = []
  for (const index of saying('').keys()) {
    const word = newWord()
    found.push(await ask(saying(word)[index]!, word))
  }
  await prove('key', () => {
    for (const { text, rows } of found) expect(rows, text).toEqual(['found'])
    // The last one says no key that a router could read: it may ask all shards, as long as it asks the right one.
    for (const { text, on } of found.slice(0, -1)) expect(on, `where this ran: ${text}`).toEqual([home])
    expect(found.at(-1)!.on, `where this ran: ${found.at(-1)!.text}`).toContain(home)
  })
  await prove('using', async () => {
    const word = newWord()
    const joined = await ask(`select note as ${word} from items join item_lines using (item_id) where item_id = 42`, word)
    expect(joined).toMatchObject({ rows: ['found'], on: [home] })
  })
})
