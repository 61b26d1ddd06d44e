/** Clients add elements to sets: whatever was acknowledged is there at the end. */
import type { Session } from '../client/client.ts'
import type { Json } from '../history/record.ts'
import type { Load } from '../load.ts'
import { everywhere, pick, plantItems, who } from '../rows.ts'

const group = 'sets'
const firstId = 300_001
/** Elements are numbers that no other client makes. */
const perClient = 1_000_000

export default {
  name: group,
  needs: [],
  async prepare(ground) {
    const sets = (await plantItems(ground, group, firstId, 1, 0)).map(({ id }) => id)
    for (const shard of ground.shards) await ground.onShard(shard, 'delete from item_lines where item_id = any($1)', [sets])
    return {
      facts: { sets },
      next: ({ random, process, turn }) => addTo(pick(sets, random), process * perClient + turn),
      async truth() {
        const sql = `select item_id::int as id, array_agg(line order by line) as elements from item_lines where item_id = any($1) group by 1`
        const rows = await everywhere<{ id: number; elements: number[] }>(ground, sql, [sets])
        return rows.map(({ id, elements }) => ({ set: id, elements }))
      },
    }
  },
} satisfies Load

const addTo = (set: number, element: number) =>
  ({
    kind: 'add',
    args: { set, element },
    effect: 'write',
    async act(session: Session): Promise<Json> {
      const sql = `insert into item_lines (item_id, line, country, qty) values ($1, $2, 'CH', 1) returning ${who}`
      session.saw((await session.query(sql, [set, element])).rows)
      return null
    },
  }) as const
