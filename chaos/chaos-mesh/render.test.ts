import { expect, test } from 'vitest'
import { notInMesh, renderMesh, type MeshWish } from './render.ts'

const site = { namespace: 'orochi', partLabel: 'orochi.test/part', run: 'run-1' }

test('a path that is cut is a partition between both ends, both ways or one', () => {
  expect(renderMesh({ fault: 'link-cut', target: 'postgres-1' }, site)).toEqual({
    apiVersion: 'chaos-mesh.org/v1alpha1',
    kind: 'NetworkChaos',
    metadata: {
      name: 'link-cut-postgres-1-run-1',
      namespace: 'orochi',
      labels: { 'app.kubernetes.io/managed-by': 'orochi-harness', 'orochi.test/run': 'run-1' },
    },
    spec: {
      mode: 'all',
      selector: { namespaces: ['orochi'], labelSelectors: { 'orochi.test/part': 'postgres-1' } },
      action: 'partition',
      direction: 'both',
      target: { mode: 'all', selector: { namespaces: ['orochi'], labelSelectors: { 'orochi.test/part-kind': 'pooler' } } },
    },
  })
  const oneWay = renderMesh({ fault: 'link-dark', target: 'replication-0-1', direction: 'to-server' }, site)
  expect(oneWay.spec).toMatchObject({
    direction: 'from',
    selector: { labelSelectors: { 'orochi.test/part': 'postgres-0' } },
    target: { selector: { labelSelectors: { 'orochi.test/part': 'postgres-0-replica-1' } } },
  })
})

const wishes: readonly (readonly [MeshWish, string, object])[] = [
  [{ fault: 'server-kill', target: 'postgres-0' }, 'PodChaos', { action: 'pod-failure' }],
  [{ fault: 'pooler-kill', target: 'pooler-0' }, 'PodChaos', { action: 'pod-kill', gracePeriod: 0 }],
  [{ fault: 'pooler-drain', target: 'pooler-0' }, 'PodChaos', { action: 'pod-kill', gracePeriod: 30 }],
  [{ fault: 'gateway-worker-kill', target: 'gateway-0' }, 'PodChaos', { action: 'container-kill', containerNames: ['gateway'] }],
  [
    { fault: 'link-slow', target: 'pooler-0', delayMs: 200, jitterMs: 50 },
    'NetworkChaos',
    { action: 'delay', delay: { latency: '200ms', jitter: '50ms' } },
  ],
  [
    { fault: 'link-throttle', target: 'pooler-0', bytesPerSecond: 1000 },
    'NetworkChaos',
    { action: 'bandwidth', bandwidth: { rate: '1000bps' } },
  ],
  [{ fault: 'packet-loss', target: 'postgres-0', percent: 30 }, 'NetworkChaos', { action: 'loss', loss: { loss: '30' } }],
  [
    { fault: 'gateway-clock-skew', target: 'gateway-0', offsetMs: -600_000 },
    'TimeChaos',
    { timeOffset: '-600000ms', clockIds: ['CLOCK_REALTIME'] },
  ],
  [{ fault: 'disk-full', target: 'postgres-0' }, 'IOChaos', { action: 'fault', errno: 28, percent: 100 }],
  [
    { fault: 'processor-busy', target: 'pooler-0', workers: 2, percent: 90 },
    'StressChaos',
    { stressors: { cpu: { workers: 2, load: 90 } } },
  ],
  [{ fault: 'memory-short', target: 'pooler-0', megabytes: 256 }, 'StressChaos', { stressors: { memory: { workers: 1, size: '256MB' } } }],
]

test.for(wishes)('$0.fault is a $1', ([wish, kind, spec]) => {
  const rendered = renderMesh(wish, site)
  expect(rendered.kind).toBe(kind)
  expect(rendered.spec).toMatchObject(spec)
  expect(rendered.metadata.name).toMatch(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/)
})

test.for(Object.keys(notInMesh))('%s has no form here and says why', (fault) => {
  expect(() => renderMesh({ fault, target: 'postgres-0' }, site)).toThrow(/cannot be done by Chaos Mesh: ./)
})

test('what is no fault, and what is no path, is said in one sentence', () => {
  expect(() => renderMesh({ fault: 'earthquake', target: 'x' }, site)).toThrow('there is no fault "earthquake" for Chaos Mesh')
  expect(() => renderMesh({ fault: 'link-cut', target: 'moon' }, site)).toThrow('no path leads to "moon"')
})
