import { expect, test } from 'vitest'
import { raise, type Body } from './testing/raise.ts'

const kindsIn = (history: Body) => (history['events'] as { kind: string }[]).map(({ kind }) => kind)

test('a cluster is created, put to sleep and woken; each state is told, and each step is in its history', async () => {
  await using plane = await raise()
  const { status, headers, body } = await plane.ask('POST', '/api/v1/clusters', { id: 'acme' })
  expect([status, headers.get('location'), headers.get('etag')]).toEqual([201, '/api/v1/clusters/acme', '"1"'])
  expect(body['status']).toMatchObject({ state: 'waking', status: 'waking', is_ready: false })
  expect(await plane.until('acme', 'active')).toMatchObject({ status: 'running', is_ready: true, operation: null })
  const suspended = await plane.ask('POST', '/api/v1/clusters/acme/suspend')
  expect([suspended.status, suspended.body['state']]).toEqual([202, 'suspending'])
  await plane.until('acme', 'suspended')
  const woken = await plane.ask('POST', '/api/v1/clusters/acme/wake')
  expect([woken.status, woken.headers.get('location')]).toEqual([202, '/api/v1/clusters/acme/status'])
  await plane.until('acme', 'active')
  const { body: history } = await plane.ask('GET', '/api/v1/clusters/acme/events')
  expect(kindsIn(history)).toEqual([
    'cluster.created',
    'state.changed',
    'state.changed',
    'suspend.requested',
    'state.changed',
    'suspend.completed',
    'state.changed',
    'wake.requested',
    'state.changed',
    'wake.completed',
    'state.changed',
  ])
  expect(await plane.metrics()).toContain('orochi_pgdog_wake_events_total{cluster_id="acme"} 1')
})
