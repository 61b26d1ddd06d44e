/** Clusters on Kubernetes: shards as the pods of a StatefulSet, poolers as those of a Deployment, sleep and wake by their numbers. */
import { readText } from '../../gateway/config-file.ts'
import {
  ProvisionerError,
  type InstanceEndpoint,
  type Provisioner,
  type ReloadOutcome,
  type WantedCluster,
  type Warmth,
} from '../provisioner.ts'
import { askAdmin } from './admin.ts'
import { ApiError } from './api-error.ts'
import type { KubeApi } from './api.ts'
import { applyCluster, secretsOf } from './apply.ts'
import type { KubernetesConfig } from './config.ts'
import { labelKeys, nameOf } from './names.ts'
import { listOwn, scale, type Place } from './objects.ts'
import { isReady, observeCluster, type Pod } from './observe.ts'
import { adminUser, metricsPort, poolerPort, shardsOf } from './pgdog-files.ts'
import { reloadPace, reloadPod, type AskAdmin, type ReloadPace } from './reload.ts'
import { removeCluster } from './remove.ts'
import { untilGone } from './watch.ts'

/** What a test, or another platform, may put in place. */
export interface Dependencies {
  readonly api?: KubeApi
  readonly ask?: AskAdmin
  readonly reload?: ReloadPace
}

export function kubernetesProvisioner(config: KubernetesConfig, given: Dependencies = {}): Provisioner {
  const api = given.api ?? connectLater(config)
  const placeOf = (clusterId: string, signal: AbortSignal): Place => {
    return { api, config, owner: { clusterId, installation: config.installation }, signal }
  }
  return {
    kind: 'kubernetes',
    apply: (cluster, signal) => orExplain(() => applyCluster(placeOf(cluster.id, signal), cluster)),
    remove: (clusterId, signal) => orExplain(() => removeCluster(placeOf(clusterId, signal))),
    resume: (cluster, _, signal) => orExplain(() => resume(placeOf(cluster.id, signal), cluster)),
    suspend: (cluster, warmth, signal) => orExplain(() => suspend(placeOf(cluster.id, signal), cluster, warmth)),
    observe: (cluster, signal) => orExplain(() => observeCluster(placeOf(cluster.id, signal), cluster)),
    reload: (cluster, signal) => {
      const [ask, pace] = [given.ask ?? askAdmin, given.reload ?? reloadPace]
      return orExplain(() => reload(placeOf(cluster.id, signal), cluster, ask, pace))
    },
    endpoints: (cluster, signal) => orExplain(() => endpoints(placeOf(cluster.id, signal), cluster)),
  }
}

/** The client takes half a second to load, which a start on another platform need not wait for. */
function connectLater(config: KubernetesConfig): KubeApi {
  if (config.kubeconfig !== undefined) readText(config.kubeconfig)
  let made: Promise<KubeApi> | null = null
  const api = () => (made ??= connect(config))
  return {
    request: async (request, signal) => await (await api()).request(request, signal),
    async *stream(request, signal) {
      yield* (await api()).stream(request, signal)
    },
  }
}

async function connect({ kubeconfig, context }: KubernetesConfig): Promise<KubeApi> {
  const [{ KubeConfig }, { makeKubeApi }] = await Promise.all([import('@kubernetes/client-node'), import('./api.ts')])
  const found = new KubeConfig()
  if (kubeconfig === undefined) found.loadFromCluster()
  else found.loadFromFile(kubeconfig)
  if (context !== undefined) found.setCurrentContext(context)
  return makeKubeApi(found)
}

/** Nothing else leaves the driver, and what leaves it may be shown to clients: no request and no header is in it. */
async function orExplain<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof ProvisionerError) throw cause
    if (cause instanceof ApiError) throw new ProvisionerError(cause.message, { retryable: cause.mayPass || cause.status === 409, cause })
    const stopped = cause instanceof Error && (cause.name === 'AbortError' || cause.name === 'TimeoutError')
    const message = stopped ? 'the API server was given up on' : 'the driver failed'
    throw new ProvisionerError(message, { retryable: stopped, cause })
  }
}

async function resume(place: Place, { id, spec }: WantedCluster): Promise<void> {
  const [servers, poolers] = await Promise.all([
    scale(place, 'StatefulSet', nameOf(id, 'postgres'), shardsOf(spec)),
    spec.pooler.enabled ? scale(place, 'Deployment', nameOf(id, 'pooler'), spec.deployment.replicas) : true,
  ])
  if (!servers || !poolers) throw new ProvisionerError(`cluster ${id} is not deployed here`, { retryable: false })
}

/** Warm: poolers stay, so that a wake starts servers only. */
async function suspend(place: Place, { id }: WantedCluster, warmth: Warmth): Promise<void> {
  await Promise.all([
    scale(place, 'StatefulSet', nameOf(id, 'postgres'), 0),
    warmth === 'warm' ? true : scale(place, 'Deployment', nameOf(id, 'pooler'), 0),
  ])
  await untilGone(place, 'Pod', warmth === 'warm' ? { [labelKeys.component]: 'postgres' } : {})
}

async function poolerPods(place: Place): Promise<readonly Pod[]> {
  const pods = await listOwn<Pod>(place, 'Pod', { [labelKeys.component]: 'pooler' })
  return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
}

async function endpoints(place: Place, { id }: WantedCluster): Promise<readonly InstanceEndpoint[]> {
  const [pods, { admin }] = await Promise.all([poolerPods(place), secretsOf(place, id)])
  return pods.map((pod) => endpointOf(pod, admin))
}

function endpointOf({ metadata, status }: Pod, password: string): InstanceEndpoint {
  const host = status?.podIP?.includes(':') ? `[${status.podIP}]` : status?.podIP
  const at = { part: 'pooler' as const, name: metadata.name }
  if (host === undefined) return { ...at, metrics: null, admin: null }
  const credentials = `${adminUser}:${encodeURIComponent(password)}`
  return { ...at, metrics: `http://${host}:${metricsPort}/metrics`, admin: `postgres://${credentials}@${host}:${poolerPort}/admin` }
}

/** All at once: a slow one does not make the others wait. One that is not up yet will read the new settings when it starts. */
async function reload(place: Place, wanted: WantedCluster, ask: AskAdmin, pace: ReloadPace): Promise<readonly ReloadOutcome[]> {
  const [pods, { admin }] = await Promise.all([poolerPods(place), secretsOf(place, wanted.id)])
  const one = async (pod: Pod): Promise<ReloadOutcome> => {
    if (!isReady(pod)) return { instance: pod.metadata.name, reloaded: false, message: 'it is not ready' }
    return await reloadPod(place, pod, endpointOf(pod, admin), wanted, ask, pace)
  }
  return await Promise.all(pods.map(one))
}
