/** A message of several statements is done to its end: each is run, and each is answered. */
import { expect } from 'vitest'
import { answered, faultOf, textRows } from '../../fixtures/probe.ts'
import { wish } from '../kit.ts'
import { openRaw } from './raw.ts'

const spec = wish({ pooler: { poolSize: 5 } })

const orderId = 7_400_001_500
const insert = (n: number) => `insert into orders (tenant_id, order_id, amount_cents) values ('tenant-a', ${orderId + n}, ${n})`

/** What is said in one message, the tags that are due, and the orders that are there afterwards. */
const messages: readonly (readonly [sql: string, tags: readonly string[], orders: readonly string[]])[] = [
  [`${insert(1)}; ${insert(2)}`, ['INSERT 0 1', 'INSERT 0 1'], ['1', '2']],
  [`begin; ${insert(1)}; commit`, ['BEGIN', 'INSERT 0 1', 'COMMIT'], ['1']],
  [`BEGIN; ${insert(1)}; select 1; ROLLBACK; ${insert(2)}`, ['BEGIN', 'INSERT 0 1', 'SELECT 1', 'ROLLBACK', 'INSERT 0 1'], ['2']],
  [`start transaction; ${insert(1)}; ${insert(2)}; end`, ['START TRANSACTION', 'INSERT 0 1', 'INSERT 0 1', 'COMMIT'], ['1', '2']],
]

spec('CONN-101', async (trial) => {
  const direct = await trial.connect({ direct: 'server' })
  const range = `order_id between ${orderId} and ${orderId + 9}`
  const seen: { sql: string; tags: readonly string[]; fault: string; orders: readonly string[] }[] = []
  for (const [sql] of messages) {
    await using probe = await openRaw(trial)
    const answer = await answered(probe.query(sql), sql)
    // A transaction that was begun and not ended hides what it has done: the client is gone before the look.
    if (answer.status !== 'I') await answered(probe.query('rollback'), 'rollback')
    const { rows } = await direct.query<{ n: string }>(`select (order_id - ${orderId})::text as n from orders where ${range} order by 1`)
    await direct.query(`delete from orders where ${range}`)
    seen.push({ sql, tags: answer.tags, fault: faultOf(answer) || textRows(answer).flat().join(), orders: rows.map(({ n }) => n) })
    probe.quit()
  }
  await trial.prove('answered', () => {
    for (const [i, { sql, tags, fault }] of seen.entries()) expect(tags, `${sql} (${fault})`).toEqual(messages[i]![1])
  })
  await trial.prove('done', () => {
    for (const [i, { sql, orders }] of seen.entries()) expect(orders, sql).toEqual(messages[i]![2])
  })
})
