/** Clients read single rows, outside of transactions: the reads a pooler may give to replicas. */
import type { Session } from '../client/client.ts'
import type { Json } from '../history/record.ts'
import type { Load } from '../load.ts'
import { pick, plantItems, who } from '../rows.ts'

const group = 'reads'
const firstId = 600_001
const rowsPerShard = 4
const amount = 7

export default {
  name: group,
  needs: [],
  async prepare(ground) {
    const rows = await plantItems(ground, group, firstId, rowsPerShard, amount)
    return {
      facts: { amount },
      next: ({ random }) => readOf(pick(rows, random).id),
      truth: async () => null,
    }
  },
} satisfies Load

const readOf = (row: number) =>
  ({
    kind: 'read',
    args: { row },
    effect: 'read',
    async act(session: Session): Promise<Json> {
      const { rows } = await session.query(`select amount::int as amount, ${who} from items where item_id = $1`, [row])
      session.saw(rows)
      return { amount: Number(rows[0]?.['amount'] ?? Number.NaN) || null }
    },
  }) as const
