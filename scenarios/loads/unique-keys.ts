/** All clients want the same keys, one after the other: each key has one owner. */
import type { Session } from '../client/client.ts'
import type { Json } from '../history/record.ts'
import type { Load } from '../load.ts'
import { everywhere, tagOf, who } from '../rows.ts'

const firstKey = 400_001

export default {
  name: 'unique-keys',
  needs: [],
  async prepare(ground) {
    for (const shard of ground.shards) await ground.onShard(shard, 'delete from keys_int8 where key >= $1', [firstKey])
    return {
      facts: null,
      next: (chance) => claim(firstKey + chance.turn, tagOf(chance)),
      async truth() {
        const rows = await everywhere<{ key: number; owner: string }>(
          ground,
          'select key::int as key, note as owner from keys_int8 where key >= $1 order by 1',
          [firstKey],
        )
        return rows.map(({ key, owner }) => ({ key, owner }))
      },
    }
  },
} satisfies Load

const claim = (key: number, owner: string) =>
  ({
    kind: 'claim',
    args: { key, owner },
    effect: 'write',
    async act(session: Session): Promise<Json> {
      const { rows } = await session.query(`insert into keys_int8 (key, note) values ($1, $2) returning ${who}`, [key, owner])
      session.saw(rows)
      return null
    },
  }) as const
