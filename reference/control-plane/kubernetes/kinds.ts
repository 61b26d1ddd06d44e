/** The kinds of objects that a cluster consists of, and where the API has them. */

export interface Kind {
  readonly apiVersion: string
  readonly plural: string
  /** Made by Kubernetes from others: never applied, only looked at and, at the end, deleted. */
  readonly derived?: true
}

export const kinds = {
  Secret: { apiVersion: 'v1', plural: 'secrets' },
  ConfigMap: { apiVersion: 'v1', plural: 'configmaps' },
  Service: { apiVersion: 'v1', plural: 'services' },
  NetworkPolicy: { apiVersion: 'networking.k8s.io/v1', plural: 'networkpolicies' },
  StatefulSet: { apiVersion: 'apps/v1', plural: 'statefulsets' },
  Deployment: { apiVersion: 'apps/v1', plural: 'deployments' },
  PodDisruptionBudget: { apiVersion: 'policy/v1', plural: 'poddisruptionbudgets' },
  PersistentVolumeClaim: { apiVersion: 'v1', plural: 'persistentvolumeclaims', derived: true },
  Pod: { apiVersion: 'v1', plural: 'pods', derived: true },
} as const satisfies Readonly<Record<string, Kind>>

export type KindName = keyof typeof kinds

export function pathOf(kind: KindName, namespace: string, name?: string, subresource?: string): string {
  const { apiVersion, plural } = kinds[kind]
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`
  return [`${root}/namespaces/${namespace}/${plural}`, name, subresource].filter((part) => part !== undefined).join('/')
}

/** As far as the driver reads any object. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly uid?: string
    readonly resourceVersion?: string
    readonly generation?: number
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly deletionTimestamp?: string
  }
}

export interface KubeList<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string }
  readonly items: readonly T[]
}
