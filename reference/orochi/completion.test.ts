import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startScripted } from './testing/scripted-server.ts'

const program = join(import.meta.dirname, 'bin.mjs')

/** In a process of its own: the library writes to standard output itself. */
async function orochi(words: readonly string[], url: string): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', OROCHI_URL: url, OROCHI_TOKEN: 'good.token.here' }
  return (await promisify(execFile)(process.execPath, [program, ...words], { env })).stdout
}

const complete = async (url: string, ...words: readonly string[]) =>
  (await orochi(['complete', '--', ...words], url)).split('\n').map((line) => line.split('\t')[0]!)

test('words, flags, values and ids of clusters are completed', async () => {
  const row = (id: string) => ({ id, status: { cluster_id: id, state: 'active', is_ready: true } })
  await using server = await startScripted({ 'GET /api/v1/clusters': { body: { clusters: [row('acme'), row('beta'), row('$(reboot)')] } } })
  expect(await complete(server.url, 'cluster', 'pooler', 's')).toEqual(['status', 'stats', ':4', ''])
  expect(await complete(server.url, 'cluster', 'pooler', 'status', '')).toEqual(['acme', 'beta', ':4', ''])
  expect(await complete(server.url, 'cluster', 'wake', 'b')).toEqual(['beta', ':4', ''])
  expect(await complete(server.url, 'cluster', 'pooler', 'configure', 'acme', '--max')).toEqual(['--max-connections', ':4', ''])
  expect(await complete(server.url, 'cluster', 'pooler', 'configure', 'acme', '--mode', '')).toEqual(['transaction', 'session', ':4', ''])
})

test('without a control plane the words are completed all the same, and nothing is complained of', async () => {
  expect(await complete('http://127.0.0.1:1', 'cluster', 'pooler', 'r')).toEqual(['reload', ':4', ''])
  expect(await complete('no url', 'cluster', 'wake', '')).toEqual([':4', ''])
})

test.each(['bash', 'zsh', 'fish'])('there is a script for %s', async (shell) => {
  expect(await orochi(['complete', shell], '')).toContain('orochi complete --')
})
