import { expect, test } from 'vitest'
import type { AskAdmin } from './reload.ts'
import { makeReady, pods } from './testing/controllers.ts'
import { sharded, wantedCluster } from './testing/plans.ts'
import { setStage, type Stage } from './testing/stage.ts'

const acme = wantedCluster({ ...sharded, pooler: { ...sharded.pooler, idle_timeout_seconds: 90 } }, 'acme', 3)
const shown = { pooler_mode: 'transaction', default_pool_size: '12', idle_timeout: '1m 30s' }
const rows = (values: Readonly<Record<string, string>>) => Object.entries(values).map(([name, value]) => ({ name, value }))
const pace = { withinMs: 3_000, pauseMs: 5 }

async function awake(ask: AskAdmin, withinMs = pace.withinMs): Promise<Stage> {
  const stage = await setStage({}, { ask, reload: { ...pace, withinMs } })
  await stage.driver.apply(acme, stage.signal)
  await stage.driver.resume(acme, 'cold', stage.signal)
  for (const n of [0, 1]) makeReady(stage.server.store, `oc-acme-pooler-${n}`)
  return stage
}

const annotationsOf = (stage: Stage, pod: string) =>
  (stage.server.store.get(pods, pod)?.object['metadata'] as { annotations?: Record<string, string> }).annotations ?? {}

test('every instance is asked itself, and counts when it shows the new values', async () => {
  const asked: string[] = []
  await using stage = await awake((admin, query) => {
    asked.push(`${new URL(admin).hostname} ${query}`)
    const first = asked.filter((line) => line.endsWith('SHOW CONFIG')).length <= 2
    return Promise.resolve(query === 'RELOAD' ? [] : rows(first ? { ...shown, default_pool_size: '5' } : shown))
  })
  const outcomes = await stage.driver.reload(acme, stage.signal)
  expect(outcomes).toEqual([0, 1].map((n) => ({ instance: `oc-acme-pooler-${n}`, reloaded: true, message: 'reads generation 3' })))
  expect(new Set(asked.map((line) => line.split(' ')[0])).size).toBe(2)
  expect(asked.filter((line) => line.endsWith('RELOAD')).length).toBe(4)
  expect(annotationsOf(stage, 'oc-acme-pooler-0')).toEqual({ 'orochi.cloud/wanted-generation': '3', 'orochi.cloud/loaded-generation': '3' })
  const { poolers } = await stage.driver.observe(acme, stage.signal)
  expect(poolers.map(({ generation }) => generation)).toEqual([3, 3])
})

test('an instance that keeps its old values, one that cannot be asked, and one that is not up are told apart', async () => {
  await using stage = await awake((admin, query) => {
    if (new URL(admin).hostname === host) return Promise.reject(new Error('connect ECONNREFUSED'))
    return Promise.resolve(query === 'RELOAD' ? [] : rows({ ...shown, pooler_mode: 'session' }))
  }, 300)
  const address = (stage.server.store.get(pods, 'oc-acme-pooler-1')!.object['status'] as { podIP: string }).podIP
  host = address
  const outcomes = await stage.driver.reload(acme, stage.signal)
  expect(outcomes).toEqual([
    { instance: 'oc-acme-pooler-0', reloaded: false, message: 'pooler_mode is session, not transaction' },
    { instance: 'oc-acme-pooler-1', reloaded: false, message: 'it cannot be asked (connect ECONNREFUSED)' },
  ])
  makeReady(stage.server.store, 'oc-acme-pooler-0', false)
  expect((await stage.driver.reload(acme, stage.signal))[0]).toMatchObject({ reloaded: false, message: 'it is not ready' })
})
let host = ''

test('the password of the admin database is in its address, and in no outcome', async () => {
  await using stage = await awake(() => Promise.reject(new Error('no')), 50)
  const endpoints = await stage.driver.endpoints(acme, stage.signal)
  const { password } = new URL(endpoints[0]!.admin!)
  expect(password).toHaveLength(43)
  expect(endpoints[0]).toMatchObject({
    part: 'pooler',
    name: 'oc-acme-pooler-0',
    metrics: expect.stringMatching(/^http:\/\/10\.0\.0\.\d+:9090\/metrics$/) as string,
  })
  expect(JSON.stringify(await stage.driver.reload(acme, stage.signal))).not.toContain(password)
})
