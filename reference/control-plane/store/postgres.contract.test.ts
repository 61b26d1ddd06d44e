import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPostgres, type TestPostgres } from '../testing/embedded-postgres.ts'
import { makeRecord } from '../testing/records.ts'
import { storeContract } from '../testing/store-contract.ts'
import { openPostgres } from './postgres.ts'

let server: TestPostgres
beforeAll(async () => void (server = await startPostgres()))
afterAll(() => server[Symbol.asyncDispose]())

const open = () => openPostgres({ url: server.url, timeoutMs: 5000 })

async function ask(text: string): Promise<void> {
  const client = new Client(server.url)
  await client.connect()
  await client.query(text).finally(() => client.end())
}

storeContract('postgres', async () => {
  await ask('drop schema if exists orochi_control cascade')
  return { open }
})

test('who loses the connection loses the lead with it: the change under way fails, and it leads again when it can', async () => {
  await ask('drop schema if exists orochi_control cascade')
  await using store = await open()
  await store.lead()
  await store.create(makeRecord('acme'), [])
  await server.cutAll()
  await expect(store.replace(makeRecord('acme'), [])).rejects.toMatchObject({ fault: expect.stringMatching(/^(unavailable|not_leading)$/) })
  await expect.poll(() => store.lead(), { timeout: 10_000 }).toBe(true)
  expect(await store.replace(makeRecord('acme'), [])).toMatchObject({ revision: 2 })
})

test('a server that only reads says so', async () => {
  await ask('drop schema if exists orochi_control cascade')
  await using store = await open()
  await ask('alter system set default_transaction_read_only = on')
  await ask('select pg_reload_conf()')
  try {
    await expect
      .poll(async () => (await store.lead()) && store.create(makeRecord('acme'), []).catch((cause: { fault: string }) => cause.fault), {
        timeout: 10_000,
      })
      .toBe('read_only')
    expect(await store.get('acme')).toBeNull()
  } finally {
    await ask('alter system reset default_transaction_read_only')
    await ask('select pg_reload_conf()')
  }
})

test('a database that is not there is told of, and nothing is left open', async () => {
  await expect(openPostgres({ url: 'postgres://nobody@127.0.0.1:1/none', timeoutMs: 1000 })).rejects.toMatchObject({ fault: 'unavailable' })
})
