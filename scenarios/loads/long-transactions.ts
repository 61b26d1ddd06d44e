/** Transactions that take a while between their first statement and their COMMIT: whatever befalls the system befalls some of them midway. */
import type { Session } from '../client/client.ts'
import type { Load } from '../load.ts'
import { plantOwnRows, tagOf, tagsIn, who } from '../rows.ts'

const group = 'long-transactions'
const firstId = 700_001
const pauseSeconds = 0.2

export default {
  name: group,
  needs: [],
  async prepare(ground) {
    const { facts, rowOf, notes } = await plantOwnRows(ground, group, firstId)
    return {
      facts,
      next: (chance) => note(rowOf(chance.process), tagOf(chance)),
      async truth() {
        return (await notes()).map(({ id, note: text }) => ({ row: id, notes: tagsIn(text) }))
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
