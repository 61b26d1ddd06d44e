/** Clients of several tenants write rows of their own and read all they are shown: no row of another tenant, ever. */
import type { Session } from '../client/client.ts'
import type { Json } from '../history/record.ts'
import type { Chance, Load } from '../load.ts'

const tenants = ['tenant-a', 'tenant-b', 'tenant-c'] as const
const firstOrder = 7_700_000_000
const perClient = 1_000_000

const tenantOf = (process: number): string => tenants[process % tenants.length]!

export default {
  name: 'canaries',
  needs: ['gateway'],
  tenantOf,
  async prepare(ground) {
    for (const shard of ground.shards) await ground.onShard(shard, 'delete from orders where order_id >= $1', [firstOrder])
    return {
      facts: { tenants: [...tenants] },
      next: (chance) => (chance.random() < 0.5 ? look(tenantOf(chance.process)) : sing(chance)),
      truth: async () => null,
    }
  },
} satisfies Load

function sing({ process, turn }: Chance) {
  const tenant = tenantOf(process)
  const order = firstOrder + process * perClient + turn
  return {
    kind: 'sing',
    args: { tenant, order },
    effect: 'write',
    async act(session: Session): Promise<Json> {
      await session.query('insert into orders (tenant_id, order_id, amount_cents, note) values ($1, $2, 1, $1)', [tenant, order])
      return null
    },
  } as const
}

const look = (tenant: string) =>
  ({
    kind: 'look',
    args: { tenant },
    effect: 'read',
    async act(session: Session): Promise<Json> {
      const { rows } = await session.query('select tenant_id, note from orders where order_id >= $1', [firstOrder])
      return { rows: rows.length, tenants: [...new Set(rows.flatMap((row) => [String(row['tenant_id']), String(row['note'])]))] }
    },
  }) as const
