import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stats } from './testing/call.ts'
import { startScripted } from './testing/scripted-server.ts'

function start(url: string, words: readonly string[]) {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', OROCHI_URL: url, OROCHI_TOKEN: 'good.token.here' }
  return spawn(process.execPath, [join(import.meta.dirname, 'bin.mjs'), ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] })
}

test('a signal ends what is under way, and nothing is left hanging', async () => {
  let asked = () => {}
  const arrived = new Promise<void>((resolve) => (asked = resolve))
  await using server = await startScripted({ 'GET /api/v1/clusters': () => (asked(), null) })
  const child = start(server.url, ['cluster', 'list'])
  await arrived
  child.kill('SIGINT')
  expect(await once(child, 'exit')).toEqual([130, null])
})

test('a reader that has seen enough is no failure', async () => {
  await using server = await startScripted({ 'GET /api/v1/clusters/acme/pooler/stats': { body: stats } })
  const child = start(server.url, ['cluster', 'pooler', 'stats', 'acme', '--watch', '--interval', '0.01'])
  const errors: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  await once(child.stdout, 'data')
  child.stdout.destroy()
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(Buffer.concat(errors).toString()).toBe('')
})
