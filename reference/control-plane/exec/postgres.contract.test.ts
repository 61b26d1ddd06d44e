import { Client } from 'pg'
import { expect, test } from 'vitest'
import { startPostgres } from '../testing/embedded-postgres.ts'
import { raise } from '../testing/raise.ts'
import { makeExecProvisioner } from './exec-provisioner.ts'
import { execSchema } from './exec-config.ts'

test('a real server: awake when it answers a query, stopped by its command, its transactions waited for', async () => {
  await using server = await startPostgres()
  const config = execSchema.parse({
    kind: 'exec',
    clusters: { default: { servers: [server.url], poolers: [{ name: 'p0', url: server.url }], commands: server.commands } },
  })
  await using plane = await raise({ pieces: { makeProvisioner: () => makeExecProvisioner(config) } })
  await plane.create('acme')
  const client = new Client(server.url)
  client.on('error', () => {})
  await client.connect()
  await client.query('begin')
  await plane.ask('POST', '/api/v1/clusters/acme/suspend')
  const ended = new Promise<void>((resolve) => client.on('end', () => resolve()))
  await client.query('select pg_sleep(0.5)')
  expect((await plane.ask('GET', '/api/v1/clusters/acme/status')).body).toMatchObject({ state: 'suspending' })
  await client.query('commit')
  await plane.until('acme', 'suspended')
  await ended
  await expect(new Client(server.url).connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  expect((await plane.ask('POST', '/api/v1/clusters/acme/wake')).status).toBe(202)
  await plane.until('acme', 'active')
  const again = new Client(server.url)
  await again.connect()
  expect((await again.query<{ one: number }>('select 1 as one')).rows).toEqual([{ one: 1 }])
  await again.end()
})
