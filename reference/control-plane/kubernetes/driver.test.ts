import { expect, test } from 'vitest'
import { ProvisionerError } from '../provisioner.ts'
import { kubernetesProvisioner } from './driver.ts'
import { claims, makeReady, podNames, pods } from './testing/controllers.ts'
import { sharded, testConfig, wantedCluster } from './testing/plans.ts'
import { apiFor, setStage, type Stage } from './testing/stage.ts'

const acme = wantedCluster(sharded)
const statefulSets = '/apis/apps/v1/namespaces/orochi-cloud/statefulsets'
const deployments = '/apis/apps/v1/namespaces/orochi-cloud/deployments'

const replicasOf = ({ get }: Stage) =>
  [get('statefulsets', 'oc-acme-postgres'), get('deployments', 'oc-acme-pooler')].map(
    (one) => (one?.['spec'] as { replicas: number }).replicas,
  )

test('a new cluster is made and sleeps; resumed it starts, and runs when every server answers', async () => {
  await using stage = await setStage()
  const { driver, server, signal } = stage
  expect((await driver.observe(acme, signal)).state).toBe('absent')
  await driver.apply(acme, signal)
  expect(replicasOf(stage)).toEqual([0, 0])
  expect(await driver.observe(acme, signal)).toMatchObject({ state: 'stopped', postgres: { ready: false } })
  await driver.resume(acme, 'cold', signal)
  expect(podNames(server.store)).toHaveLength(6)
  expect((await driver.observe(acme, signal)).state).toBe('starting')
  for (const n of [0, 1, 2]) makeReady(server.store, `oc-acme-postgres-${n}`)
  expect(await driver.observe(acme, signal)).toMatchObject({
    state: 'starting',
    postgres: { ready: false, message: expect.stringContaining('3 of 4') as string },
  })
  makeReady(server.store, 'oc-acme-postgres-3')
  makeReady(server.store, 'oc-acme-pooler-0')
  expect(await driver.observe(acme, signal)).toMatchObject({
    state: 'running',
    postgres: { ready: true },
    poolers: [
      { name: 'oc-acme-pooler-0', ready: true, generation: 1 },
      { name: 'oc-acme-pooler-1', ready: false, message: 'is starting' },
    ],
  })
})

test('what is awake stays awake through an apply, and what sleeps sleeps on', async () => {
  await using stage = await setStage()
  const { driver, signal } = stage
  await driver.apply(acme, signal)
  await driver.resume(acme, 'cold', signal)
  const more = wantedCluster(
    { ...sharded, pooler: { ...sharded.pooler, default_shard_count: 6 }, deployment: { ...sharded.deployment, replicas: 3 } },
    'acme',
    2,
  )
  await driver.apply(more, signal)
  expect(replicasOf(stage)).toEqual([6, 3])
  await driver.suspend(more, 'cold', signal)
  await driver.apply({ ...more, generation: 3 }, signal)
  expect(replicasOf(stage)).toEqual([0, 0])
})

test('suspend resolves when no pod is left, warm keeps the poolers', async () => {
  await using stage = await setStage({}, {}, 60)
  const { driver, server, signal } = stage
  await driver.apply(acme, signal)
  await driver.resume(acme, 'cold', signal)
  await driver.suspend(acme, 'warm', signal)
  expect(podNames(server.store)).toEqual(['oc-acme-pooler-0', 'oc-acme-pooler-1'])
  await driver.suspend(acme, 'cold', signal)
  expect(podNames(server.store)).toEqual([])
  expect((await driver.observe(acme, signal)).state).toBe('stopped')
  // Once more changes nothing, and neither does suspending what never was.
  await driver.suspend(acme, 'cold', signal)
  await driver.suspend(wantedCluster({}, 'never'), 'cold', signal)
})

test('settings that a cluster has no more take their objects with them', async () => {
  await using stage = await setStage()
  const { driver, server, signal } = stage
  await driver.apply(acme, signal)
  expect(server.store.all()).toContain('poddisruptionbudgets/oc-acme-pooler')
  await driver.apply(wantedCluster({ ...sharded, deployment: { ...sharded.deployment, replicas: 1 } }, 'acme', 2), signal)
  expect(server.store.all()).not.toContain('poddisruptionbudgets/oc-acme-pooler')
  await driver.apply(wantedCluster({ ...sharded, pooler: { ...sharded.pooler, enabled: false } }, 'acme', 3), signal)
  expect(server.store.all().filter((name) => name.includes('pooler'))).toEqual([])
})

test('passwords are made once and stay through every apply', async () => {
  await using stage = await setStage()
  const { driver, get, signal } = stage
  await driver.apply(acme, signal)
  const before = structuredClone(get('secrets', 'oc-acme-postgres')!['data'])
  await driver.apply({ ...acme, generation: 2 }, signal)
  expect(get('secrets', 'oc-acme-postgres')!['data']).toEqual(before)
})

test('shards are never taken away', async () => {
  await using stage = await setStage()
  const { driver, signal } = stage
  await driver.apply(acme, signal)
  const less = wantedCluster({ ...sharded, pooler: { ...sharded.pooler, default_shard_count: 2 } }, 'acme', 2)
  await expect(driver.apply(less, signal)).rejects.toMatchObject({
    name: 'ProvisionerError',
    retryable: false,
    message: expect.stringContaining('4 shards') as string,
  })
})

test('remove leaves nothing, not even rows, and only of this cluster', async () => {
  await using stage = await setStage({}, {}, 20)
  const { driver, server, signal } = stage
  const beta = wantedCluster({}, 'beta')
  for (const cluster of [acme, beta]) {
    await driver.apply(cluster, signal)
    await driver.resume(cluster, 'cold', signal)
  }
  await driver.remove('acme', signal)
  expect(server.store.all().filter((name) => name.includes('acme'))).toEqual([])
  expect(server.store.list(claims, '')).toHaveLength(1)
  expect(server.store.all().filter((name) => name.includes('beta')).length).toBeGreaterThan(8)
  await driver.remove('acme', signal)
})

test('what belongs to somebody else is neither changed nor deleted', async () => {
  await using stage = await setStage()
  const { driver, server, signal } = stage
  const labels = { 'app.kubernetes.io/managed-by': 'helm' }
  server.store.apply(
    deployments,
    'oc-acme-pooler',
    'helm',
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { labels }, spec: { replicas: 7 } },
    false,
  )
  await expect(driver.apply(acme, signal)).rejects.toThrow(/belongs to somebody else/)
  await driver.remove('acme', signal)
  expect(server.store.get(deployments, 'oc-acme-pooler')?.object['spec']).toEqual({ replicas: 7 })
})

test('two control planes in one namespace leave each other alone', async () => {
  await using stage = await setStage()
  const { driver, signal } = stage
  await driver.apply(acme, signal)
  const other = kubernetesProvisioner(testConfig({ installation: 'other' }), { api: apiFor(stage.server.url) })
  await expect(other.apply(acme, signal)).rejects.toThrow(/belongs to somebody else/)
  await other.remove('acme', signal)
  expect((await driver.observe(acme, signal)).state).toBe('stopped')
})

test('fields that somebody else took are named and left; those of an autoscaler are no quarrel', async () => {
  await using stage = await setStage()
  const { driver, server, signal } = stage
  await driver.apply(acme, signal)
  server.store.update(deployments, 'oc-acme-pooler', 'autoscaler', { spec: { replicas: 5 } })
  await driver.apply({ ...acme, generation: 2 }, signal)
  expect(replicasOf(stage)).toEqual([0, 5])
  server.store.update(statefulSets, 'oc-acme-postgres', 'kubectl-edit', { spec: { podManagementPolicy: 'OrderedReady' } })
  await expect(driver.apply({ ...acme, generation: 3 }, signal)).rejects.toMatchObject({
    retryable: false,
    message: 'StatefulSet oc-acme-postgres was changed by others: .spec.podManagementPolicy (by kubectl-edit)',
  })
})

test('where it is told to, the driver takes such fields back', async () => {
  await using stage = await setStage({ onConflict: 'take' })
  const { driver, server, get, signal } = stage
  await driver.apply(acme, signal)
  server.store.update(statefulSets, 'oc-acme-postgres', 'kubectl-edit', { spec: { podManagementPolicy: 'OrderedReady' } })
  await driver.apply({ ...acme, generation: 2 }, signal)
  expect((get('statefulsets', 'oc-acme-postgres')!['spec'] as { podManagementPolicy: string }).podManagementPolicy).toBe('Parallel')
})

test('a cluster that is woken in the midst of an apply is awake after it', async () => {
  await using stage = await setStage()
  const { driver, server, signal } = stage
  await driver.apply(acme, signal)
  server.trouble({ on: /^PATCH .*statefulsets\/oc-acme-postgres\?/, status: null, afterMs: 200 })
  const applying = driver.apply({ ...acme, generation: 2 }, signal)
  await expect.poll(() => server.asked.filter((line) => line.startsWith('PATCH') && line.includes('statefulsets')).length).toBe(2)
  await driver.resume(acme, 'cold', signal)
  await applying
  expect(replicasOf(stage)).toEqual([4, 2])
})

test('resuming what is not deployed is refused, and says so', async () => {
  await using stage = await setStage()
  await expect(stage.driver.resume(acme, 'cold', stage.signal)).rejects.toMatchObject({
    retryable: false,
    message: 'cluster acme is not deployed here',
  })
})

test('why a server does not come up is told', async () => {
  await using stage = await setStage()
  const { driver, server, signal } = stage
  await driver.apply(wantedCluster(), signal)
  await driver.resume(wantedCluster(), 'cold', signal)
  const waiting = { reason: 'ImagePullBackOff', message: 'Back-off pulling image' }
  server.store.update(pods, 'oc-acme-postgres-0', 'kubelet', { status: { containerStatuses: [{ state: { waiting } }] } })
  const { postgres } = await driver.observe(wantedCluster(), signal)
  expect(postgres.message).toBe('0 of 1 servers answer; oc-acme-postgres-0: ImagePullBackOff: Back-off pulling image')
})

test('nothing but a ProvisionerError leaves the driver, and no token is in it', async () => {
  await using stage = await setStage()
  stage.server.trouble({ on: /./, status: 403, body: { message: 'statefulsets is forbidden: User "x" cannot get' }, times: 100 })
  const fault = await stage.driver.observe(acme, stage.signal).catch((cause: unknown) => cause)
  expect(fault).toBeInstanceOf(ProvisionerError)
  expect(fault).toMatchObject({ retryable: false, message: expect.stringContaining('cannot get') as string })
  expect(JSON.stringify(fault)).not.toContain('service-account-token')
  expect(stage.server.headers[0]?.authorization).toBe('Bearer service-account-token')
  await expect(stage.driver.observe(acme, AbortSignal.abort())).rejects.toMatchObject({ name: 'ProvisionerError', retryable: true })
})
