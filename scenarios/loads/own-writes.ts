/** Each client writes a row of its own and reads it in the same transaction: it sees what it has written. */
import type { Session } from '../client/client.ts'
import type { Load } from '../load.ts'
import { plantOwnRows, tagOf, who } from '../rows.ts'

const group = 'own-writes'
const firstId = 500_001

export default {
  name: group,
  needs: [],
  async prepare(ground) {
    const { facts, rowOf, notes } = await plantOwnRows(ground, group, firstId)
    return {
      facts,
      next: (chance) => writeAndRead(rowOf(chance.process), tagOf(chance)),
      async truth() {
        return (await notes()).map(({ id, note }) => ({ row: id, wrote: note }))
      },
    }
  },
} satisfies Load

const writeAndRead = (row: number, wrote: string) =>
  ({
    kind: 'write-and-read',
    args: { row, wrote },
    effect: 'write',
    act: (session: Session) =>
      session.transaction(async () => {
        session.saw((await session.query(`update items set note = $1 where item_id = $2 returning ${who}`, [wrote, row])).rows)
        const { rows } = await session.query(`select note, ${who} from items where item_id = $1`, [row])
        session.saw(rows)
        return { read: String(rows[0]?.['note'] ?? '') }
      }),
  }) as const
