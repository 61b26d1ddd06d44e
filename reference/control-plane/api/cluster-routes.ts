/** Clusters and their branches: made, listed, read and done away with. */
import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { ConfigureOutcome } from '../clusters/orders.ts'
import { withBranch, withoutBranch } from '../clusters/wants.ts'
import type { Objection } from '../settings.ts'
import { Branch, branchName, BranchList, Cluster, clusterId, ClusterList, ClusterStatus, CreateCluster } from './cluster-schemas.ts'
import { ProblemError } from './problem.ts'
import {
  clusterParams,
  conditionOf,
  etagHeader,
  etagOf,
  json,
  locationHeader,
  problems,
  requiredCondition,
  statusPath,
} from './responses.ts'
import type { Api, Env, Service } from './service.ts'
import { clusterOf, statusOf } from './views.ts'

const tags = ['clusters']

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/clusters',
  tags,
  request: { query: z.object({ after: clusterId.optional(), limit: z.coerce.number().int().min(1).max(500).default(100) }) },
  responses: { 200: json(ClusterList, 'clusters by name, those behind `after`'), ...problems() },
})

const createClusterRoute = createRoute({
  method: 'post',
  path: '/api/v1/clusters',
  tags,
  request: { body: { required: true, content: { 'application/json': { schema: CreateCluster } } } },
  responses: {
    201: { ...json(Cluster, 'is being deployed, with its pooler'), headers: { ...locationHeader, ...etagHeader } },
    ...problems(409),
  },
})

const getRoute = createRoute({
  method: 'get',
  path: '/api/v1/clusters/{id}',
  tags,
  request: { params: clusterParams },
  responses: { 200: { ...json(Cluster, 'the cluster'), headers: etagHeader }, ...problems() },
})

const deleteRoute = createRoute({
  method: 'delete',
  path: '/api/v1/clusters/{id}',
  tags,
  request: { params: clusterParams },
  responses: {
    202: { ...json(ClusterStatus, 'is being deleted; its status is 404 when it is gone'), headers: locationHeader },
    ...problems(412),
  },
})

const branchesRoute = createRoute({
  method: 'get',
  path: '/api/v1/clusters/{id}/branches',
  tags,
  request: { params: clusterParams },
  responses: { 200: { ...json(BranchList, 'main, and the others'), headers: etagHeader }, ...problems() },
})

const branchParams = clusterParams.extend({ branch: branchName.openapi({ param: { name: 'branch', in: 'path' } }) })

const putBranchRoute = createRoute({
  method: 'put',
  path: '/api/v1/clusters/{id}/branches/{branch}',
  tags,
  request: {
    params: branchParams,
    body: { required: true, content: { 'application/json': { schema: Branch.omit({ name: true }).openapi('BranchDatabase') } } },
  },
  responses: { 200: { ...json(BranchList, 'the branches now'), headers: etagHeader }, ...problems(412, 428) },
})

const deleteBranchRoute = createRoute({
  method: 'delete',
  path: '/api/v1/clusters/{id}/branches/{branch}',
  tags,
  request: { params: branchParams },
  responses: { 200: { ...json(BranchList, 'the branches now'), headers: etagHeader }, ...problems(412, 428) },
})

export function addClusterRoutes(api: Api, { store, orders }: Service): void {
  api.openapi(listRoute, async (context) => {
    const { after = '', limit } = context.req.valid('query')
    const records = await store.list(after, limit)
    const { cluster } = context.get('principal')
    const seen = records.filter(({ id }) => cluster === null || id === cluster)
    return context.json({ clusters: seen.map(clusterOf), next: records.length < limit ? null : (records.at(-1)?.id ?? null) }, 200)
  })

  api.openapi(createClusterRoute, async (context) => {
    const { id, spec } = context.req.valid('json')
    const { cluster } = context.get('principal')
    if (cluster !== null && cluster !== id) throw new ProblemError('forbidden')
    const made = await orders.create(id, spec, causeOf(context))
    if (made === 'exists') throw new ProblemError('conflict', { detail: `there is a cluster ${id} already` })
    if (isObjections(made)) throw impossible(made, 'spec.')
    return context.json(clusterOf(made), 201, { location: `/api/v1/clusters/${id}`, etag: etagOf(made) })
  })

  api.openapi(getRoute, async (context) => {
    const record = await recordOf(store, context.req.valid('param').id)
    return context.json(clusterOf(record), 200, { etag: etagOf(record) })
  })

  api.openapi(deleteRoute, async (context) => {
    const { id } = context.req.valid('param')
    const record = settled(await orders.remove(id, causeOf(context), conditionOf(context) ?? (() => true)))
    return context.json(statusOf(record), 202, { location: statusPath(id) })
  })

  api.openapi(branchesRoute, async (context) => {
    const record = await recordOf(store, context.req.valid('param').id)
    return context.json(branchesOf(record.spec), 200, { etag: etagOf(record) })
  })

  api.openapi(putBranchRoute, async (context) => {
    const { id, branch } = context.req.valid('param')
    const { database } = context.req.valid('json')
    const make = (spec: Cluster['spec']) => withBranch(spec, { name: branch, database })
    const record = settled(await orders.configure(id, causeOf(context), requiredCondition(context), make))
    return context.json(branchesOf(record.spec), 200, { etag: etagOf(record) })
  })

  api.openapi(deleteBranchRoute, async (context) => {
    const { id, branch } = context.req.valid('param')
    const { spec } = await recordOf(store, id)
    if (!spec.branches.some(({ name }) => name === branch)) throw new ProblemError('not-found')
    const record = settled(await orders.configure(id, causeOf(context), requiredCondition(context), (now) => withoutBranch(now, branch)))
    return context.json(branchesOf(record.spec), 200, { etag: etagOf(record) })
  })
}

function branchesOf({ branches, database }: Cluster['spec']): z.infer<typeof BranchList> {
  return { branches: [{ name: 'main', database }, ...branches] }
}

export function causeOf(context: Context<Env>): string {
  return context.get('principal').subject
}

/** Throws a ProblemError when there is none. */
export async function recordOf(store: Service['store'], id: string) {
  const record = await store.get(id)
  if (record === null) throw new ProblemError('not-found', { detail: `there is no cluster ${id}` })
  return record
}

/** The record after a change; throws a ProblemError when it was not made. */
export function settled(outcome: ConfigureOutcome | null) {
  if (outcome === null) throw new ProblemError('not-found')
  if (outcome.kind === 'impossible') throw impossible(outcome.objections, '')
  if (outcome.kind === 'stale') throw new ProblemError('precondition-failed', { headers: { etag: etagOf(outcome.record) } })
  return outcome.record
}

function impossible(objections: readonly Objection[], before: string): ProblemError {
  const errors = objections.map(({ path, message }) => ({ path: before + path, message }))
  return new ProblemError('invalid-request', { detail: errors.map(({ path, message }) => `${path}: ${message}`).join('; '), errors })
}

function isObjections(made: unknown): made is readonly Objection[] {
  return Array.isArray(made)
}
