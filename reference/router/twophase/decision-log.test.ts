import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readGid, gidOf } from './coordinator.ts'
import { DecisionLog } from './decision-log.ts'

function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), 'decisions-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return join(dir, 'log')
}

const decision = (id: string) => ({ id, database: 'orochi', participants: [{ shard: 0, user: 'app' }] })

test('what was decided and not carried out is there after a crash, what is done is not', async () => {
  const dir = scratch()
  const first = await DecisionLog.open(dir)
  await first.commit(decision('a'))
  await first.commit(decision('b'))
  await first.done('a')
  // No good-bye: a crash.
  await using second = await DecisionLog.open(dir)
  expect([...second.pending.values()]).toEqual([decision('b')])
  expect(second.identity).toBe(first.identity)
  await first[Symbol.asyncDispose]()
})

test('a last line that was torn was never relied upon; a bad one before it is told with its place', async () => {
  const dir = scratch()
  await using log = await DecisionLog.open(dir)
  await log.commit(decision('a'))
  appendFileSync(join(dir, 'decisions'), '{"committed":{"id":"b"')
  await using again = await DecisionLog.open(dir)
  expect([...again.pending.keys()]).toEqual(['a'])
  writeFileSync(join(dir, 'decisions'), 'nonsense\n')
  await expect(DecisionLog.open(dir)).rejects.toThrow(/decisions:1: /)
})

test('the log does not grow for ever', async () => {
  const dir = scratch()
  await using log = await DecisionLog.open(dir)
  const large = { ...decision('big'), database: 'x'.repeat(3_000_000) }
  for (const id of ['1', '2']) {
    await log.commit({ ...large, id })
    await log.done(id)
  }
  expect(readFileSync(join(dir, 'decisions'), 'utf8').length).toBeLessThan(100)
})

test('a folder that a living router uses is not taken', async () => {
  const dir = scratch()
  await using log = await DecisionLog.open(dir)
  expect(log.pending.size).toBe(0)
  writeFileSync(join(dir, 'lock'), String(process.ppid))
  await expect(DecisionLog.open(dir)).rejects.toThrow(/another router/)
})

test('names of prepared transactions tell transaction and shard, for their own router only', () => {
  const gid = gidOf('0a1b2c-k3-7', 12)
  expect(readGid(gid, '0a1b2c')).toEqual({ id: '0a1b2c-k3-7', shard: 12 })
  expect(readGid(gid, 'ffffff')).toBeNull()
  expect(readGid('somebody else', '0a1b2c')).toBeNull()
})
