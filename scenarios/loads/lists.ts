/** Clients append to lists and read them: every read is a prefix of the list as it is at the end. */
import type { Session } from '../client/client.ts'
import type { Json } from '../history/record.ts'
import type { Load } from '../load.ts'
import { everywhere, pick, plantItems, tagOf, tagsIn, who } from '../rows.ts'

const group = 'lists'
const firstId = 200_001

export default {
  name: group,
  needs: [],
  async prepare(ground) {
    const lists = await plantItems(ground, group, firstId, 1, 0)
    return {
      facts: { lists: lists.map(({ id }) => id) },
      next(chance) {
        const { id: list } = pick(lists, chance.random)
        return chance.random() < 0.3 ? readOf(list) : appendTo(list, tagOf(chance))
      },
      async truth() {
        const rows = await everywhere<{ id: number; note: string }>(
          ground,
          `select item_id::int as id, note from items where grp = '${group}'`,
        )
        return rows.map(({ id, note }) => ({ list: id, elements: tagsIn(note) }))
      },
    }
  },
} satisfies Load

const appendTo = (list: number, element: string) =>
  ({
    kind: 'append',
    args: { list, element },
    effect: 'write',
    async act(session: Session): Promise<Json> {
      const sql = `update items set note = note || $1 where item_id = $2 returning ${who}`
      session.saw((await session.query(sql, [`${element} `, list])).rows)
      return null
    },
  }) as const

const readOf = (list: number) =>
  ({
    kind: 'read',
    args: { list },
    effect: 'read',
    async act(session: Session): Promise<Json> {
      const { rows } = await session.query(`select note, ${who} from items where item_id = $1`, [list])
      session.saw(rows)
      return tagsIn(String(rows[0]?.['note'] ?? ''))
    },
  }) as const
