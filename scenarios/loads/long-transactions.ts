/** Transactions that take a while between their first statement and their COMMIT: whatever befalls the system befalls some of them midway. */
import type { Session } from '../client/client.ts'
import type { Load } from '../load.ts'
import { everywhere, plantItems, tagOf, tagsIn, who } from '../rows.ts'

const group = 'long-transactions'
const firstId = 700_001
const rowsPerShard = 8
const pauseSeconds = 0.2

export default {
  name: group,
  needs: [],
  async prepare(ground) {
    const rows = await plantItems(ground, group, firstId, rowsPerShard, 0)
    return {
      facts: { rows: rows.map(({ id }) => id) },
      next: (chance) => note(rows[chance.process % rows.length]!.id, tagOf(chance)),
      async truth() {
        const found = await everywhere<{ id: number; note: string }>(
          ground,
          `select item_id::int as id, note from items where grp = '${group}'`,
        )
        return found.map(({ id, note: text }) => ({ row: id, notes: tagsIn(text) }))
      },
    }
  },
} satisfies Load

const note = (row: number, tag: string) =>
  ({
    kind: 'note',
    args: { row, tag },
    effect: 'write',
    act: (session: Session) =>
      session.transaction(async () => {
        session.saw((await session.query(`update items set note = note || $1 where item_id = $2 returning ${who}`, [`${tag} `, row])).rows)
        await session.query(`select pg_sleep(${pauseSeconds}) from items where item_id = $1`, [row])
        return null
      }),
  }) as const
