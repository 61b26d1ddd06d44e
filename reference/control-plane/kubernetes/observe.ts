/** What Kubernetes says of a cluster, in the words of the control plane. */
import type { V1ContainerStatus, V1PodStatus } from '@kubernetes/client-node'
import type { Observation, PoolerObservation, PostgresObservation, WantedCluster } from '../provisioner.ts'
import type { KubeObject } from './kinds.ts'
import { annotationKeys, fieldManager, labelKeys, nameOf } from './names.ts'
import { listOwn, read, type Place } from './objects.ts'
import { shardsOf } from './pgdog-files.ts'

export interface Pod extends KubeObject {
  readonly status?: Omit<V1PodStatus, 'startTime'> & { readonly startTime?: string }
}

interface Servers extends KubeObject {
  readonly spec: { readonly replicas?: number }
}

interface ConfigMap extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly managedFields?: readonly { readonly manager?: string; readonly time?: string }[] }
}

export async function observeCluster(place: Place, wanted: WantedCluster): Promise<Observation> {
  const [servers, pods, config] = await Promise.all([
    read<Servers>(place, 'StatefulSet', nameOf(wanted.id, 'postgres')),
    listOwn<Pod>(place, 'Pod'),
    read<ConfigMap>(place, 'ConfigMap', nameOf(wanted.id, 'pooler')),
  ])
  const postgres = pods.filter(({ metadata }) => metadata.labels?.[labelKeys.component] === 'postgres')
  const poolers = pods.filter(
    ({ metadata }) => metadata.labels?.[labelKeys.component] === 'pooler' && metadata.deletionTimestamp === undefined,
  )
  const observed = postgresOf(postgres, shardsOf(wanted.spec))
  return { state: stateOf(servers, postgres, observed.ready), postgres: observed, poolers: poolers.map((pod) => poolerOf(pod, config)) }
}

function stateOf(servers: Servers | null, pods: readonly Pod[], ready: boolean): Observation['state'] {
  if (servers === null) return pods.length === 0 ? 'absent' : 'stopping'
  if (servers.metadata.deletionTimestamp !== undefined) return 'stopping'
  if ((servers.spec.replicas ?? 1) === 0) return pods.length === 0 ? 'stopped' : 'stopping'
  return ready ? 'running' : 'starting'
}

/** Ready are those whose probe, a query, was answered; one that is on its way out is not. */
function postgresOf(pods: readonly Pod[], shards: number): PostgresObservation {
  const ready = pods.filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined).length
  const waiting = pods.filter((pod) => !isReady(pod)).map((pod) => `${pod.metadata.name}: ${reasonOf(pod)}`)
  const message = [`${ready} of ${shards} servers answer`, ...waiting].join('; ')
  return { ready: ready >= shards, message, openTransactions: null }
}

function poolerOf(pod: Pod, config: ConfigMap | null): PoolerObservation {
  const ready = isReady(pod)
  return { name: pod.metadata.name, ready, message: ready ? 'takes clients' : reasonOf(pod), generation: generationOf(pod, config) }
}

export const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false

/** What a reload left on it; else that of the settings, if they are older than the pod. Times are whole seconds: equal ones tell nothing. */
function generationOf({ metadata, status }: Pod, config: ConfigMap | null): number | null {
  const loaded = Number(metadata.annotations?.[annotationKeys.loaded] ?? Number.NaN)
  const changedAt = config?.metadata.managedFields
    ?.filter(({ manager }) => manager === fieldManager)
    .map(({ time }) => Date.parse(time ?? ''))
  const isOlder =
    status?.startTime !== undefined && changedAt?.length !== 0 && changedAt?.every((at) => at < Date.parse(status.startTime!)) === true
  const read = isOlder ? Number(config?.metadata.annotations?.[annotationKeys.generation] ?? Number.NaN) : Number.NaN
  const known = [loaded, read].filter(Number.isInteger)
  return known.length === 0 ? null : Math.max(...known)
}

/** Why a pod is not ready, as near to the cause as it is told. */
function reasonOf({ metadata, status }: Pod): string {
  if (metadata.deletionTimestamp !== undefined) return 'is stopping'
  const unscheduled = status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False')
  if (unscheduled !== undefined) return unscheduled.message ?? 'no machine takes it'
  const [container] = status?.containerStatuses ?? []
  return (container && containerReason(container)) ?? 'is starting'
}

function containerReason({ state, lastState }: V1ContainerStatus): string | undefined {
  const { waiting } = state ?? {}
  const ended = state?.terminated ?? lastState?.terminated
  const before = ended === undefined ? '' : ` (ended before: ${ended.reason ?? `exit code ${ended.exitCode}`})`
  return waiting === undefined ? undefined : `${waiting.reason ?? 'waiting'}${waiting.message ? `: ${waiting.message}` : ''}${before}`
}
