/** What a router cannot do by merging it must refuse: a wrong answer is worse than none. */
import { expect } from 'vitest'
import { wish } from '../kit.ts'
import { loggedStatements, openShards, openUnion, rowsOf, sqlstateOf, type Shards } from './shards.ts'

const spec = wish({ shards: 3, ...loggedStatements })

/** Groups, amounts and prices that repeat over the shards, with gaps: each question below has an answer that no shard knows alone. */
async function plant({ direct, designated }: Shards): Promise<void> {
  for (let id = 1; id <= 30; id++) {
    const values = [id, ['ash', 'beech', 'cedar'][id % 3], id % 7 === 0 ? null : (id * 5) % 11, id + 0.5]
    await direct[await designated('int8', id)]!.query('insert into items (item_id, grp, amount, price) values ($1, $2, $3, $4)', values)
  }
}

interface Question {
  readonly text: string
  /** Whether the order of the rows counts. */
  readonly ordered?: boolean
}

const questions = {
  having: [
    { text: 'select grp, count(*) from items group by grp having count(*) > 5' },
    { text: 'select grp from items group by grp having sum(amount) > 40' },
  ],
  distinct: [
    { text: 'select count(distinct grp) from items' },
    { text: 'select sum(distinct amount) from items' },
    { text: 'select distinct on (grp) grp, item_id from items order by grp, item_id', ordered: true },
  ],
  windows: [
    { text: 'select item_id, row_number() over (order by item_id) from items' },
    { text: 'select item_id, sum(amount) over (partition by grp) from items' },
  ],
  'hidden-order': [
    { text: 'select item_id from items order by price desc', ordered: true },
    { text: 'select item_id from items order by item_id % 5, item_id', ordered: true },
    { text: 'select amount, item_id from items order by amount nulls first, item_id limit 6', ordered: true },
    { text: 'select amount, item_id from items order by amount desc nulls last, item_id limit 30', ordered: true },
  ],
  collected: [
    { text: 'select array_agg(item_id order by item_id) from items' },
    { text: `select string_agg(grp, ',' order by item_id) from items` },
    { text: 'select percentile_cont(0.5) within group (order by price) from items' },
    { text: 'select jsonb_agg(amount order by item_id) from items' },
  ],
  sets: [
    { text: 'select grp from items where amount < 5 union select grp from items where amount > 5' },
    { text: 'select amount from items where item_id < 15 intersect select amount from items where item_id > 15' },
    { text: 'select amount from items where item_id < 15 except select amount from items where item_id > 15' },
  ],
} satisfies Record<string, readonly Question[]>

spec('SHARD-104', async (trial) => {
  const { connect, prove } = trial
  await using shards = await openShards(trial)
  await plant(shards)
  const union = await openUnion(trial, shards, ['items'])
  for (const [clause, asked] of Object.entries(questions)) {
    await prove(clause as keyof typeof questions, async () => {
      const wrong: string[] = []
      for (const { text, ordered = false } of asked as readonly Question[]) {
        const order = (rows: readonly string[]) => (ordered ? rows : rows.toSorted())
        const right = order(await rowsOf(union, text)).join(' ')
        const answer = await rowsOf(await connect(), text).then(
          (rows) => order(rows).join(' '),
          (error: unknown) => `refused ${sqlstateOf(error)}`,
        )
        if (answer !== right && !/^refused [0-9A-Z]{5}$/.test(answer)) wrong.push(`${text}: ${answer} instead of ${right}`)
      }
      expect(wrong).toEqual([])
    })
  }
})
