/** Brings a cluster's objects to what is wanted, and takes away what is wanted no more. */
import { randomBytes } from 'node:crypto'
import { ProvisionerError } from '../provisioner.ts'
import { isOutdated } from './api-error.ts'
import { kinds, type Kind, type KindName, type KubeObject } from './kinds.ts'
import { annotationKeys, nameOf } from './names.ts'
import { applyObject, deleteObject, listOwn, read, refuseForeign, type Place } from './objects.ts'
import { shardsOf } from './pgdog-files.ts'
import type { Plan, Secrets } from './plan.ts'
import { render, type Replicas } from './render.ts'

interface Scalable extends KubeObject {
  readonly spec: { readonly replicas?: number }
}

/** How often somebody else may be faster before that is a failure. */
const rounds = 8

export async function applyCluster(place: Place, wanted: Plan['wanted']): Promise<void> {
  const plan: Plan = { wanted, config: place.config, owner: place.owner, secrets: await secretsOf(place, wanted.id) }
  for (let round = 1; ; round++) {
    try {
      await applyOnce(place, plan)
      return
    } catch (cause) {
      if (!isOutdated(cause) || round === rounds) throw cause
    }
  }
}

async function applyOnce(place: Place, plan: Plan): Promise<void> {
  const [servers, poolers] = await Promise.all([
    read<Scalable>(place, 'StatefulSet', nameOf(plan.wanted.id, 'postgres')),
    read<Scalable>(place, 'Deployment', nameOf(plan.wanted.id, 'pooler')),
  ])
  refuseForeign(place, servers)
  refuseLess(plan, servers)
  const objects = render(plan, replicasFor(plan, servers, poolers))
  for (const object of objects) await applyObject(place, await guarded(place, object, { StatefulSet: servers, Deployment: poolers }))
  await sweep(place, objects)
}

/** What sleeps goes on sleeping, and what is awake has as many as are wanted now. */
function replicasFor({ wanted: { spec } }: Plan, servers: Scalable | null, poolers: Scalable | null): Replicas {
  const runs = (one: Scalable | null) => (one?.spec.replicas ?? 0) > 0
  const poolersRun = poolers === null ? runs(servers) : runs(poolers)
  return { postgres: runs(servers) ? shardsOf(spec) : 0, pooler: poolersRun ? spec.deployment.replicas : 0 }
}

/** Nothing moves rows off a shard. */
function refuseLess({ wanted }: Plan, servers: KubeObject | null): void {
  const before = Number(servers?.metadata.annotations?.[annotationKeys.shards] ?? 0)
  const now = shardsOf(wanted.spec)
  if (now >= before) return
  throw new ProvisionerError(`there are ${before} shards with rows on them, and ${now} are wanted: shards cannot be taken away`, {
    retryable: false,
  })
}

/** Under the version that was seen where instances are counted: whoever scaled it meanwhile must not be undone. */
async function guarded(place: Place, object: KubeObject, seen: Readonly<Record<string, KubeObject | null>>): Promise<KubeObject> {
  const { kind, metadata } = object
  if (!(kind in seen)) {
    refuseForeign(place, await read(place, kind as KindName, metadata.name))
    return object
  }
  const existing = seen[kind] ?? null
  refuseForeign(place, existing)
  const resourceVersion = existing?.metadata.resourceVersion
  return resourceVersion === undefined ? object : { ...object, metadata: { ...metadata, resourceVersion } }
}

export const appliedKinds = (Object.keys(kinds) as KindName[]).filter((kind) => (kinds[kind] as Kind).derived !== true)

/** What an earlier generation had and this one has not. */
async function sweep(place: Place, objects: readonly KubeObject[]): Promise<void> {
  const wanted = new Set(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`))
  for (const kind of appliedKinds) {
    const left = (await listOwn(place, kind)).filter(({ metadata }) => !wanted.has(`${kind} ${metadata.name}`))
    for (const object of left) await deleteObject(place, kind, object)
  }
}

interface SecretObject extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
}

/** Made once; later generations go on with those that are there. */
export async function secretsOf(place: Place, clusterId: string): Promise<Secrets> {
  const [servers, poolers] = await Promise.all([
    read<SecretObject>(place, 'Secret', nameOf(clusterId, 'postgres')),
    read<SecretObject>(place, 'Secret', nameOf(clusterId, 'pooler-users')),
  ])
  refuseForeign(place, servers)
  refuseForeign(place, poolers)
  const kept = (secret: SecretObject | null, key: string) => {
    const text = secret?.data?.[key]
    return text === undefined ? randomBytes(32).toString('base64url') : Buffer.from(text, 'base64').toString()
  }
  return { superuser: kept(servers, 'superuser'), app: kept(servers, 'app'), admin: kept(poolers, 'admin') }
}
