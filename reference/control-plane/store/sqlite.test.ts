import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import { makeRecord } from '../testing/records.ts'
import { storeContract } from '../testing/store-contract.ts'
import { openSqlite } from './sqlite.ts'

const dir = mkdtempSync(join(tmpdir(), 'control-plane-store-'))
let files = 0
const freshPath = () => join(dir, `clusters-${++files}.db`)
afterAll(() => rmSync(dir, { recursive: true, force: true }))

storeContract('sqlite', async () => {
  const path = freshPath()
  return { open: async () => openSqlite({ path }) }
})

test('a file that is full says so, keeps what it has, and takes changes again when there is room', async () => {
  const path = freshPath()
  const record = makeRecord('acme')
  {
    await using store = openSqlite({ path, maxBytes: 64 * 1024 })
    await store.lead()
    await store.create(record, [])
    const long = makeRecord('long', { message: 'x'.repeat(100_000) })
    await expect(store.create(long, [{ kind: 'cluster.created', message: 'lost' }])).rejects.toMatchObject({ fault: 'full' })
    expect(await store.get('long')).toBeNull()
    expect(await store.events({ after: 0, limit: 9 })).toEqual([])
  }
  await using roomy = openSqlite({ path })
  await roomy.lead()
  expect(await roomy.get('acme')).toEqual(record)
  expect(await roomy.replace({ ...record, message: 'x'.repeat(100_000) }, [])).toMatchObject({ revision: 2 })
})

test('a store that is only read says so to whoever wants to change something', async () => {
  const path = freshPath()
  {
    await using store = openSqlite({ path })
    await store.lead()
    await store.create(makeRecord('acme'), [])
  }
  await using reader = openSqlite({ path, readOnly: true })
  expect(await reader.lead()).toBe(false)
  expect(await reader.get('acme')).toMatchObject({ id: 'acme' })
  await expect(reader.replace(makeRecord('acme'), [])).rejects.toMatchObject({ fault: 'read_only' })
})

test('what is no store of ours, or of a newer version, is not touched', async () => {
  const text = freshPath()
  writeFileSync(text, 'this is not a database, and is long enough to be looked at by whoever opens it as one'.repeat(20))
  expect(() => openSqlite({ path: text })).toThrow(expect.objectContaining({ fault: 'foreign' }))
  const foreign = freshPath()
  new DatabaseSync(foreign).exec('create table theirs (id int)')
  expect(() => openSqlite({ path: foreign })).toThrow(expect.objectContaining({ fault: 'foreign' }))
  const newer = freshPath()
  await openSqlite({ path: newer })[Symbol.asyncDispose]()
  new DatabaseSync(newer).exec('pragma user_version = 99')
  expect(() => openSqlite({ path: newer })).toThrow(/newer version \(99/)
  expect(() => openSqlite({ path: join(dir, 'nowhere', 'a.db') })).toThrow(expect.objectContaining({ fault: 'unavailable' }))
})
