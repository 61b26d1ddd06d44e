/** A system that stays up: how to reach it is printed, tokens are minted for it, and it goes when told. */
import { readFileSync } from 'node:fs'
import pg from 'pg'
import { afterAll, expect, test } from 'vitest'
import { openTiny } from './testing/tiny.ts'

const tiny = openTiny()
afterAll(() => tiny[Symbol.dispose]())

test('up, token, a login, down', async () => {
  const up = await tiny.harness('up', '--pooler', 'router')
  expect(up.exitCode, up.stderr).toBe(0)
  const run = /^run +(\S+)/.exec(up.stdout)?.[1] ?? ''
  const [, port = '', caFile = ''] = /@127\.0\.0\.1:(\d+)\/orochi\?sslmode=verify-full&sslrootcert=(\S+)/.exec(up.stdout) ?? []

  const minted = await tiny.harness('token', '--run', run, '--tenant', 'tenant-x', '--ttl', '60', '--claim', 'level=3')
  expect(await tenantOf(minted.stdout.trim(), Number(port), caFile)).toBe('tenant-x')
  const ended = await tiny.harness('token', '--ttl', '-600')
  await expect(tenantOf(ended.stdout.trim(), Number(port), caFile)).rejects.toMatchObject({ code: '28000' })

  expect((await tiny.harness('down')).stdout).toContain(`left ${run} alone`)
  expect((await tiny.harness('down', '--run', run)).stdout).toContain(`ended ${run}`)
  expect((await tiny.harness('down')).stdout).toBe('nothing is left\n')
  expect(await tiny.harness('token')).toMatchObject({ exitCode: 64, stderr: 'no system is up: `orochi-harness up` raises one\n' })
}, 100_000)

async function tenantOf(token: string, port: number, caFile: string): Promise<string> {
  const ssl = { ca: readFileSync(caFile, 'utf8'), servername: 'localhost' }
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'tenant_user', password: token, database: 'orochi', ssl })
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.query<{ tenant: string }>('select orochi.tenant_id() as tenant')).rows[0]!.tenant
  } finally {
    await client.end().catch(() => {})
  }
}

test('a system that cannot rise says why and leaves nothing', async () => {
  expect(await tiny.harness('up', '--topology', 'servers=2')).toMatchObject({ exitCode: 64, stdout: '' })
  expect((await tiny.harness('down')).stdout).toBe('nothing is left\n')
}, 30_000)
