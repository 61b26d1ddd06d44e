import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ClusterSpec } from '../api/cluster-schemas.ts'
import { readAtStart } from './pgdog-files.ts'
import { render } from './render.ts'
import { misfits } from './testing/published-models.ts'
import { planFor, sharded, testConfig, wantedCluster } from './testing/plans.ts'

const all = { postgres: 4, pooler: 2 }

/** Rendered, to be looked into. */
function objects(spec: object = {}, config = testConfig()) {
  const rendered = render(planFor(wantedCluster(spec), config), all)
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  const find = (kind: string, name: string): any => rendered.find((one) => one.kind === kind && one.metadata.name === name)
  return { rendered, find, names: rendered.map(({ kind, metadata }) => `${kind} ${metadata.name}`) }
}

test('the validator of this test tells a wrong field, a wrong type and a wrong list', () => {
  const bad = { kind: 'Service', metadata: { name: 7 }, spec: { ports: {}, selektor: {} } }
  expect(misfits(bad)).toEqual([
    'Service.metadata.name: number in place of string',
    'Service.spec.ports: no list',
    'Service.spec.selektor: not known',
  ])
})

test('whatever a cluster wants, Kubernetes knows every field of what it becomes', () => {
  const quantity = fc.constantFrom('100m', '256Mi', '2')
  const spec = fc.record({
    pooler: fc.record({
      enabled: fc.boolean(),
      mode: fc.constantFrom('transaction', 'session'),
      sharding_enabled: fc.boolean(),
      read_write_split: fc.boolean(),
    }),
    deployment: fc.record({
      replicas: fc.integer({ min: 1, max: 5 }),
      resources: fc.record({ requests: fc.record({ cpu: quantity }), limits: fc.record({ memory: quantity }) }),
    }),
    branches: fc.constantFrom([], [{ name: 'dev', database: 'orochi_dev' }]),
  })
  fc.assert(
    fc.property(spec, (one) => {
      expect(objects(ClusterSpec.parse(one)).rendered.flatMap(misfits)).toEqual([])
    }),
    { numRuns: 50 },
  )
})

test('a sharded cluster with its pooler', () => {
  const { names, find } = objects(sharded)
  expect(names).toEqual([
    'NetworkPolicy oc-acme-postgres',
    'NetworkPolicy oc-acme-pooler',
    'Secret oc-acme-postgres',
    'ConfigMap oc-acme-postgres-setup',
    'Service oc-acme-postgres',
    'StatefulSet oc-acme-postgres',
    'Secret oc-acme-pooler-users',
    'ConfigMap oc-acme-pooler',
    'Service oc-acme-pooler',
    'Deployment oc-acme-pooler',
    'PodDisruptionBudget oc-acme-pooler',
  ])
  const set = find('StatefulSet', 'oc-acme-postgres')
  expect(set.spec).toMatchObject({ replicas: 4, podManagementPolicy: 'Parallel', serviceName: 'oc-acme-postgres' })
  expect(set.metadata.annotations['orochi.cloud/shards']).toBe('4')
  expect(find('Deployment', 'oc-acme-pooler').spec.replicas).toBe(2)
  const toml: string = find('ConfigMap', 'oc-acme-pooler').data['pgdog.toml']
  expect(toml.match(/^shard = \d$/gm)).toEqual(['shard = 0', 'shard = 1', 'shard = 2', 'shard = 3'])
  expect(toml).toContain('host = "oc-acme-postgres-3.oc-acme-postgres.orochi-cloud.svc"')
  // 100 connections over 2 instances and 4 shards.
  expect(toml).toContain('default_pool_size = 12')
  expect(toml).toContain('[[sharded_tables]]\ndatabase = "orochi"\nname = "orders"\ncolumn = "tenant_id"\ndata_type = "varchar"')
})

test('without a pooler there is none, and gateways may come to the server itself', () => {
  const { names, find } = objects({ pooler: { enabled: false } })
  expect(names.filter((name) => name.includes('pooler'))).toEqual([])
  expect(find('NetworkPolicy', 'oc-acme-postgres').spec.ingress[0].from).toEqual([
    { podSelector: { matchLabels: { app: 'orochi-gateway' } } },
  ])
})

test('one instance has no budget', () => {
  expect(objects().names).not.toContain('PodDisruptionBudget oc-acme-pooler')
})

test('a pooler drains on SIGINT, within its grace, and none of its containers can do more than it must', () => {
  const { find } = objects(sharded, testConfig({ drainSeconds: 30 }))
  const pod = find('Deployment', 'oc-acme-pooler').spec.template.spec
  expect(pod.containers[0].lifecycle.preStop.exec.command.at(-1)).toBe('kill -INT 1; sleep 40')
  expect(pod.terminationGracePeriodSeconds).toBe(45)
  expect(find('ConfigMap', 'oc-acme-pooler').data['pgdog.toml']).toContain('shutdown_timeout = 30000')
  for (const owner of [find('Deployment', 'oc-acme-pooler'), find('StatefulSet', 'oc-acme-postgres')]) {
    const { spec } = owner.spec.template
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    })
    expect(spec.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(spec.containers[0]).toHaveProperty('readinessProbe')
    expect(spec.containers[0].resources).toMatchObject({ requests: { cpu: '250m' }, limits: { memory: expect.any(String) as string } })
  }
})

test('no password stands in anything but a Secret', () => {
  const { rendered } = objects(sharded)
  const others = JSON.stringify(rendered.filter(({ kind }) => kind !== 'Secret'))
  for (const secret of ['superuser-secret', 'app-secret', 'admin-secret']) {
    expect(others).not.toContain(secret)
    expect(others).not.toContain(Buffer.from(secret).toString('base64'))
  }
})

test('only what a pooler reads at its start makes new pods', () => {
  const at = (pooler: object) => readAtStart(wantedCluster({ ...sharded, pooler: { ...sharded.pooler, ...pooler } }))
  expect(at({ max_connections: 7, mode: 'session', idle_timeout_seconds: 1 })).toBe(at({}))
  expect(at({ default_shard_count: 8 })).not.toBe(at({}))
})

test('every object says whose it is, and every selector finds only the pods of this cluster', () => {
  const { rendered, find } = objects(sharded)
  const own = {
    'app.kubernetes.io/managed-by': 'orochi-control-plane',
    'orochi.cloud/installation': 'default',
    'orochi.cloud/cluster': 'acme',
  }
  for (const { metadata } of rendered) expect(metadata.labels).toMatchObject(own)
  expect(find('Service', 'oc-acme-pooler').spec.selector).toMatchObject(own)
  expect(find('NetworkPolicy', 'oc-acme-pooler').spec.podSelector.matchLabels).toMatchObject(own)
})
