import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { beginWake } from './clusters/transitions.ts'
import type { Pieces } from './pieces.ts'
import { failing } from './testing/fake-platform.ts'
import { raise, type Raised } from './testing/raise.ts'

const quick = (config: Record<string, unknown>) => ({ ...config, times: { ...(config['times'] as object), acceptMs: 50 } })

/** A control plane with one other piece, whose cluster sleeps. */
async function asleepWith(pieces: Partial<Pieces>): Promise<Raised> {
  const plane = await raise({ pieces, change: quick })
  await plane.create('acme')
  await plane.ask('POST', '/api/v1/clusters/acme/suspend')
  await plane.until('acme', 'suspended')
  return plane
}

const wake = (plane: Raised, headers: Record<string, string> = {}) => plane.ask('POST', '/api/v1/clusters/acme/wake', undefined, headers)

test('the order of admission is one piece: another one acts before it knows who asks', async () => {
  const nobody = { subject: 'nobody', cluster: null, endMs: Number.POSITIVE_INFINITY }
  await using plane = await asleepWith({
    async admit({ authenticate, act }) {
      await act(nobody)
      await authenticate()
    },
  })
  expect((await wake(plane, { authorization: '' })).status).toBe(401)
  await plane.until('acme', 'active')
})

test('the answer to a wake is one piece: another one says 202 after an error', async () => {
  await using plane = await asleepWith({ answerWake: () => ({ status: 202 }) })
  plane.platform.on('resume', failing('no room', false))
  expect((await wake(plane)).status).toBe(202)
})

test('what a wake comes to is one piece: another one begins anew for each who asks', async () => {
  await using plane = await asleepWith({
    planWake: (record, moment) => ({ kind: 'started', operationId: moment.operationId, change: beginWake(record, moment) }),
  })
  plane.platform.postgresReady = false
  const before = plane.platform.count('resume')
  await wake(plane)
  await wake(plane)
  expect(plane.platform.count('resume') - before).toBe(2)
  plane.platform.postgresReady = true
  await plane.until('acme', 'active')
})

test('how a patch is put onto the settings is one piece: another one loses it', async () => {
  await using plane = await asleepWith({ mergePooler: (spec) => spec })
  const path = '/api/v1/clusters/acme/pooler'
  expect((await plane.ask('PATCH', path, { max_connections: 7 }, { 'if-match': '*' })).status).toBe(200)
  expect((await plane.ask('GET', path)).body).toMatchObject({ max_connections: 100 })
})

test('what is called awake is one piece: another one does not wait for Postgres', async () => {
  await using plane = await asleepWith({ isAwake: () => true })
  plane.platform.postgresReady = false
  await wake(plane)
  expect(await plane.until('acme', 'active')).toMatchObject({ is_ready: true })
})

test('what becomes of what was left is one piece: another one forgets it', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'control-plane-pieces-'))
  {
    await using first = await raise({ dir, change: quick })
    await first.create('acme')
    await first.ask('POST', '/api/v1/clusters/acme/suspend')
    await first.until('acme', 'suspended')
    first.platform.postgresReady = false
    await wake(first)
  }
  {
    await using forgetful = await raise({ dir, pieces: { takeUpAll: async () => {} } })
    await expect.poll(() => forgetful.logged.some(({ event }) => event === 'started')).toBe(true)
    expect((await forgetful.ask('GET', '/api/v1/clusters/acme/status')).body).toMatchObject({ state: 'waking' })
    expect(forgetful.platform.calls).toEqual([])
  }
  await using faithful = await raise({ dir })
  expect(await faithful.until('acme', 'active')).toMatchObject({ is_ready: true })
  rmSync(dir, { recursive: true, force: true })
})
