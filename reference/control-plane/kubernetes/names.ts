/** What objects are called and by which labels they are found again. */
import { createHash } from 'node:crypto'

export const fieldManager = 'orochi-control-plane'

export const labelKeys = {
  managedBy: 'app.kubernetes.io/managed-by',
  name: 'app.kubernetes.io/name',
  component: 'app.kubernetes.io/component',
  cluster: 'orochi.cloud/cluster',
  installation: 'orochi.cloud/installation',
} as const

export const annotationKeys = {
  /** Which generation of the settings an object was rendered for. */
  generation: 'orochi.cloud/generation',
  /** On a pod: the generation that its pooler has read. */
  loaded: 'orochi.cloud/loaded-generation',
  /** On a pod's template: what a pooler reads only when it starts. */
  readAtStart: 'orochi.cloud/read-at-start',
  /** How many shards there are, also while none of them runs. */
  shards: 'orochi.cloud/shards',
} as const

export type Component = 'postgres' | 'pooler'

/**
 * A DNS label that begins with a letter and leaves room for what Kubernetes hangs onto the names of pods: 52 letters at most. Two ids never
 * get one name.
 */
export function nameOf(clusterId: string, suffix: string): string {
  const plain = `oc-${clusterId}-${suffix}`
  if (plain.length <= 52) return plain
  const digest = createHash('sha256').update(clusterId).digest('hex').slice(0, 10)
  return `oc-${clusterId.slice(0, 52 - suffix.length - 16).replace(/-+$/, '')}--${digest}-${suffix}`
}

export interface Owner {
  readonly clusterId: string
  readonly installation: string
}

export function ownedBy({ clusterId, installation }: Owner): Readonly<Record<string, string>> {
  return { [labelKeys.managedBy]: fieldManager, [labelKeys.installation]: installation, [labelKeys.cluster]: clusterId }
}

export function partOf(owner: Owner, component: Component): Record<string, string> {
  return { ...ownedBy(owner), [labelKeys.name]: component === 'pooler' ? 'pgdog' : 'postgres', [labelKeys.component]: component }
}

/** As it stands in the query of a list. */
export function selectorText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
}
