/** Objects of Chaos Mesh (chaos-mesh.org/v1alpha1), as far as our faults need them. */

export const apiVersion = 'chaos-mesh.org/v1alpha1'

/** Kind → what the API server calls its collection. */
export const plurals = {
  PodChaos: 'podchaos',
  NetworkChaos: 'networkchaos',
  TimeChaos: 'timechaos',
  IOChaos: 'iochaos',
  StressChaos: 'stresschaos',
} as const

export type MeshKind = keyof typeof plurals

export interface Selector {
  readonly namespaces: readonly string[]
  readonly labelSelectors: Readonly<Record<string, string>>
}

interface Chosen {
  readonly mode: 'one' | 'all'
  readonly selector: Selector
}

export interface PodChaosSpec extends Chosen {
  readonly action: 'pod-kill' | 'pod-failure' | 'container-kill'
  readonly containerNames?: readonly string[]
  /** Seconds before a pod is killed outright. */
  readonly gracePeriod?: number
}

export interface NetworkChaosSpec extends Chosen {
  readonly action: 'partition' | 'delay' | 'loss' | 'bandwidth'
  /** Seen from the chosen pods: what they send (`to` the target), what they get (`from` it), or both. */
  readonly direction: 'to' | 'from' | 'both'
  readonly target: Chosen
  readonly delay?: { readonly latency: string; readonly jitter: string; readonly correlation: string }
  readonly loss?: { readonly loss: string; readonly correlation: string }
  readonly bandwidth?: { readonly rate: string; readonly limit: number; readonly buffer: number }
}

export interface TimeChaosSpec extends Chosen {
  readonly timeOffset: string
  readonly clockIds: readonly string[]
}

export interface IOChaosSpec extends Chosen {
  readonly action: 'fault'
  readonly volumePath: string
  readonly path: string
  readonly errno: number
  readonly methods: readonly string[]
  readonly percent: number
}

export interface StressChaosSpec extends Chosen {
  readonly stressors: {
    readonly cpu?: { readonly workers: number; readonly load: number }
    readonly memory?: { readonly workers: number; readonly size: string }
  }
}

interface Specs {
  readonly PodChaos: PodChaosSpec
  readonly NetworkChaos: NetworkChaosSpec
  readonly TimeChaos: TimeChaosSpec
  readonly IOChaos: IOChaosSpec
  readonly StressChaos: StressChaosSpec
}

export type MeshObject = {
  readonly [K in MeshKind]: {
    readonly apiVersion: typeof apiVersion
    readonly kind: K
    readonly metadata: { readonly name: string; readonly namespace: string; readonly labels: Readonly<Record<string, string>> }
    readonly spec: Specs[K]
  }
}[MeshKind]

export interface MeshCondition {
  readonly type: 'Selected' | 'AllInjected' | 'AllRecovered' | 'Paused'
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason?: string
}
