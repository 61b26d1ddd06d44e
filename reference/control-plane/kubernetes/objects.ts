/** Reads, applies, scales and deletes objects of one cluster, and nobody else's. */
import { ProvisionerError } from '../provisioner.ts'
import type { KubeApi } from './api.ts'
import { ApiError, isMissing, isOutdated, type Cause } from './api-error.ts'
import type { KubernetesConfig } from './config.ts'
import { pathOf, type KindName, type KubeList, type KubeObject } from './kinds.ts'
import { fieldManager, ownedBy, selectorText, type Owner } from './names.ts'

export interface Place {
  readonly api: KubeApi
  readonly config: KubernetesConfig
  readonly owner: Owner
  readonly signal: AbortSignal
}

export async function read<T extends KubeObject>({ api, config, signal }: Place, kind: KindName, name: string): Promise<T | null> {
  try {
    return await api.request<T>({ method: 'GET', path: pathOf(kind, config.namespace, name) }, signal)
  } catch (cause) {
    if (isMissing(cause)) return null
    throw cause
  }
}

/** Of this cluster only; page by page. */
export async function listOwn<T extends KubeObject>(
  place: Place,
  kind: KindName,
  labels: Readonly<Record<string, string>> = {},
): Promise<readonly T[]> {
  const found: T[] = []
  const query = { labelSelector: selectorText({ ...ownedBy(place.owner), ...labels }), limit: 500 }
  const path = pathOf(kind, place.config.namespace)
  for (let next: string | undefined; ;) {
    const page: KubeList<T> = await place.api.request<KubeList<T>>(
      { method: 'GET', path, query: { ...query, continue: next } },
      place.signal,
    )
    found.push(...page.items)
    if (!page.metadata.continue) return found
    next = page.metadata.continue
  }
}

/** Something of that name that belongs to somebody else stays as it is. */
export function refuseForeign({ owner }: Place, existing: KubeObject | null): void {
  const foreign = existing !== null && Object.entries(ownedBy(owner)).some(([key, value]) => existing.metadata.labels?.[key] !== value)
  if (!foreign) return
  const { kind, metadata } = existing
  throw new ProvisionerError(`${kind ?? 'object'} ${metadata.name} is there and belongs to somebody else`, { retryable: false })
}

export async function applyObject(place: Place, object: KubeObject): Promise<void> {
  try {
    await patch(place, object, false)
  } catch (cause) {
    if (!(cause instanceof ApiError) || cause.conflicts.length === 0) throw cause
    await settle(place, object, cause.conflicts)
  }
}

/** The number of instances may be somebody else's, an autoscaler's for instance: then it stays theirs. */
async function settle(place: Place, object: KubeObject, conflicts: readonly Cause[]): Promise<void> {
  const foreign = conflicts.filter(({ message }) => managerIn(message) !== fieldManager)
  if (foreign.length === 0 || place.config.onConflict === 'take') return await patch(place, object, true)
  if (foreign.length === conflicts.length && foreign.every(({ field }) => field === '.spec.replicas')) {
    return await patch(place, withoutReplicas(object), false)
  }
  const fields = foreign.map(({ field, message }) => `${field ?? 'a field'} (by ${managerIn(message)})`).join(', ')
  throw new ProvisionerError(`${object.kind} ${object.metadata.name} was changed by others: ${fields}`, { retryable: false })
}

const managerIn = (message = '') => /conflict with "([^"]+)"/.exec(message)?.[1] ?? 'somebody'

function withoutReplicas(object: KubeObject): KubeObject {
  const { replicas: _, ...spec } = (object as KubeObject & { readonly spec: { readonly replicas?: number } }).spec
  return { ...object, spec } as KubeObject
}

async function patch({ api, config, signal }: Place, object: KubeObject, force: boolean): Promise<void> {
  const path = pathOf(object.kind as KindName, config.namespace, object.metadata.name)
  const query = { fieldManager, force, fieldValidation: 'Strict' }
  await api.request({ method: 'PATCH', path, query, body: object, contentType: 'application/apply-patch+yaml' }, signal)
}

/** False: there is no such thing. */
export async function scale(
  { api, config, signal }: Place,
  kind: 'StatefulSet' | 'Deployment',
  name: string,
  replicas: number,
): Promise<boolean> {
  const path = pathOf(kind, config.namespace, name, 'scale')
  const request = {
    method: 'PATCH' as const,
    path,
    query: { fieldManager },
    body: { spec: { replicas } },
    contentType: 'application/merge-patch+json',
  }
  try {
    await api.request(request, signal)
    return true
  } catch (cause) {
    if (isMissing(cause)) return false
    throw cause
  }
}

export async function annotate(place: Place, kind: KindName, name: string, annotations: Readonly<Record<string, string>>): Promise<void> {
  const path = pathOf(kind, place.config.namespace, name)
  const body = { metadata: { annotations } }
  await place.api.request(
    { method: 'PATCH', path, query: { fieldManager }, body, contentType: 'application/merge-patch+json' },
    place.signal,
  )
}

/** Only the very object that was seen: another one of its name may be there by now, and is not meant. */
export async function deleteObject({ api, config, signal }: Place, kind: KindName, { metadata }: KubeObject): Promise<void> {
  const body = { propagationPolicy: 'Background', ...(metadata.uid === undefined ? {} : { preconditions: { uid: metadata.uid } }) }
  try {
    await api.request({ method: 'DELETE', path: pathOf(kind, config.namespace, metadata.name), body }, signal)
  } catch (cause) {
    if (!isMissing(cause) && !isOutdated(cause)) throw cause
  }
}
