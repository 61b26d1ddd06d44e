/** Money goes from account to account, on different shards where there are several: the sum never changes, and both accounts note each transfer. */
import type { Session } from '../client/client.ts'
import type { Json } from '../history/record.ts'
import type { Chance, Load } from '../load.ts'
import { everywhere, pick, plantItems, tagOf, tagsIn, who, type Planted } from '../rows.ts'

const group = 'transfers'
const firstId = 100_001
const accountsPerShard = 3
const balance = 1_000
/** Readers take the newest notes only, or histories would grow with the square of their length. */
const tailChars = 240

const update = `update items set amount = amount + $1, note = note || $2 where item_id = $3 returning ${who}`
const readSql = `select item_id::int as id, amount::int as amount, right(note, ${tailChars}) as tail, length(note) > ${tailChars} as cut
  from items where grp = '${group}'`

export default {
  name: group,
  needs: [],
  async prepare(ground) {
    const accounts = await plantItems(ground, group, firstId, accountsPerShard, balance)
    return {
      facts: { accounts: accounts.map(({ id, shard }) => ({ id, shard })), balance },
      next: (chance) => (chance.random() < 0.25 ? read : transfer(accounts, chance)),
      async truth() {
        const rows = await everywhere<{ id: number; amount: number; note: string }>(
          ground,
          `select item_id::int as id, amount::int as amount, note from items where grp = '${group}'`,
        )
        return rows.map(({ id, amount, note, shard }) => ({ id, shard, amount, tags: tagsIn(note) }))
      },
    }
  },
} satisfies Load

const read = {
  kind: 'read',
  args: null,
  effect: 'read',
  async act(session: Session): Promise<Json> {
    const { rows } = await session.query(readSql)
    return (rows as { id: number; amount: number; tail: string; cut: boolean }[]).map(({ id, amount, tail, cut }) => ({
      id,
      amount,
      // The first of a cut tail may be half a tag.
      tags: cut ? tagsIn(tail).slice(1) : tagsIn(tail),
      cut,
    }))
  },
} as const

function transfer(accounts: readonly Planted[], chance: Chance) {
  const from = pick(accounts, chance.random)
  const elsewhere = accounts.filter(({ shard }) => shard !== from.shard)
  const to = pick(elsewhere.length > 0 ? elsewhere : accounts.filter(({ id }) => id !== from.id), chance.random)
  const amount = 1 + Math.floor(chance.random() * 9)
  const tag = tagOf(chance)
  // Always the lower number first: no server sees a deadlock that spans several.
  const steps = [
    [from.id, -amount],
    [to.id, amount],
  ].toSorted(([a], [b]) => a! - b!)
  return {
    kind: 'transfer',
    args: { tag, from: from.id, to: to.id, amount },
    effect: 'write',
    act: (session: Session) =>
      session.transaction(async () => {
        for (const [id, change] of steps) session.saw((await session.query(update, [change, `${tag} `, id])).rows)
        return null
      }),
  } as const
}
