/** What rendering starts from, and what all objects have in common. */
import type { V1ObjectMeta, V1PodSpec, V1ResourceRequirements, V1SecurityContext } from '@kubernetes/client-node'
import type { ClusterSpec } from '../api/cluster-schemas.ts'
import type { WantedCluster } from '../provisioner.ts'
import type { KubernetesConfig } from './config.ts'
import { annotationKeys, partOf, type Component, type Owner } from './names.ts'

export interface Secrets {
  /** Of Postgres' superuser, the pooled role and the pooler's admin database. */
  readonly superuser: string
  readonly app: string
  readonly admin: string
}

export interface Plan {
  readonly wanted: WantedCluster
  readonly config: KubernetesConfig
  readonly owner: Owner
  readonly secrets: Secrets
}

export function metadataOf({ wanted, config, owner }: Plan, name: string, component: Component): V1ObjectMeta {
  const annotations = { [annotationKeys.generation]: String(wanted.generation) }
  return { name, namespace: config.namespace, labels: partOf(owner, component), annotations }
}

/** Nobody in it is root, sees the API or talks to the kernel about unusual things. */
export function lockedPod(user: number): Pick<V1PodSpec, 'automountServiceAccountToken' | 'enableServiceLinks' | 'securityContext'> {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { runAsNonRoot: true, runAsUser: user, runAsGroup: user, fsGroup: user, seccompProfile: { type: 'RuntimeDefault' } },
  }
}

export const lockedContainer: V1SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
}

/** Of the strategy's manifest, where a cluster says nothing of its own. */
const usual = { requests: { cpu: '250m', memory: '256Mi' }, limits: { cpu: '1', memory: '1Gi' } }

export function quantities(wanted: ClusterSpec['deployment']['resources']): V1ResourceRequirements {
  const given = (amounts: { cpu?: string | undefined; memory?: string | undefined } = {}) =>
    Object.fromEntries(Object.entries(amounts).filter((row): row is [string, string] => row[1] !== undefined))
  return { requests: { ...usual.requests, ...given(wanted?.requests) }, limits: { ...usual.limits, ...given(wanted?.limits) } }
}
