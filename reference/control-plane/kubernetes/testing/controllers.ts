/** What Kubernetes' controllers and kubelets would do: pods come and go as workloads want them. */
import type { ObjectStore } from './object-store.ts'
import type { Tree } from './merge.ts'

export const pods = '/api/v1/namespaces/orochi-cloud/pods'
export const claims = '/api/v1/namespaces/orochi-cloud/persistentvolumeclaims'
const workloads = /\/apis\/apps\/v1\/namespaces\/orochi-cloud\/(statefulsets|deployments)$/

/** Pods start unready; `ready` below makes them so. Those that must go are gone a moment later. */
export function runControllers(store: ObjectStore, goMs = 0): void {
  store.controllers.push((path, name) => {
    if (workloads.test(path)) fit(store, path, name, goMs)
  })
}

function fit(store: ObjectStore, path: string, name: string, goMs: number): void {
  const spec = (store.get(path, name)?.object['spec'] ?? { replicas: 0 }) as Tree
  const wanted = Number(spec['replicas'] ?? 1)
  const own = store.list(pods, '').filter((pod) => nameIn(pod).startsWith(`${name}-`))
  const template = (spec['template'] ?? {}) as Tree
  const labels = ((template['metadata'] ?? {}) as Tree)['labels'] ?? {}
  for (let n = own.length; n < wanted; n++) start(store, `${name}-${n}`, labels as Tree, path.endsWith('statefulsets'))
  for (const pod of own.slice(wanted)) setTimeout(() => store.delete(pods, nameIn(pod)), goMs)
}

const nameIn = (object: Tree) => (object['metadata'] as Tree)['name'] as string

function start(store: ObjectStore, name: string, labels: Tree, keeps: boolean): void {
  const status = { podIP: `10.0.0.${store.version % 250}`, startTime: new Date(Date.now() + 5_000).toISOString() }
  store.update(pods, name, 'kubelet', { apiVersion: 'v1', kind: 'Pod', metadata: { labels }, status })
  if (keeps) store.update(claims, `data-${name}`, 'kubelet', { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { labels } })
}

export function makeReady(store: ObjectStore, name: string, ready = true): void {
  store.update(pods, name, 'kubelet', { status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] } })
}

export const podNames = (store: ObjectStore) => store.list(pods, '').map(nameIn)
