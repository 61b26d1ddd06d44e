import { expect, test } from 'vitest'
import type { Arm } from './estate.ts'
import type { Block, Load } from './loads.ts'
import { addedRatio, ratioOf, rounds, type Round } from './rounds.ts'
import { aimOf, linesOf } from './telling.ts'

const arm = (name: string): Arm => ({
  name,
  subject: null,
  sharded: true,
  wayTo: () => ({ host: '', port: 0, user: '', database: '', password: '', ca: null }),
})
const block = (ms: number): Block => ({ ms, operations: 10, cpu: 0 })
const even = (...ms: number[]): readonly Round[] => Array.from({ length: 8 }, () => ms.map(block))
const arms = ['direct', 'router', 'PgDog'].map(arm)

test('arms run there and back, after a block that does not count', async () => {
  const order: string[] = []
  const open = async ({ name }: Arm): Promise<Load> => ({ run: async () => (order.push(name), block(1)), async [Symbol.asyncDispose]() {} })
  const done = await rounds(arms.slice(0, 2), open, 2, 1)
  expect(order.join()).toBe('direct,router,direct,router,router,direct,direct,router,router,direct')
  expect(done).toHaveLength(4)
})

test('ratios are of what is added, not of the whole', () => {
  const done = even(1, 3, 2)
  expect(ratioOf(done, 1, 0).value).toBe(3)
  expect(addedRatio(done, 1, 2, 0).value).toBe(2)
})

test.each([
  [even(1, 3, 2), true],
  [even(1, 8, 2), false],
  [even(1, 8, 1), null],
])('the aim is reached, missed, or cannot be told', (done, reached) => {
  expect(aimOf(arms, done)?.reached).toBe(reached)
  expect(aimOf(arms.slice(0, 2), done)).toBeNull()
  expect(linesOf(arms, done)).toHaveLength(3)
})
