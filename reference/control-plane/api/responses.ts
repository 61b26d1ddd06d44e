/** What routes have in common: the cluster in the path, the answers that any of them may give, conditions by ETag. */
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { ProblemError } from './problem.ts'
import { Problem } from './pooler-schemas.ts'
import { clusterId } from './cluster-schemas.ts'

export const clusterParams = z.object({ id: clusterId.openapi({ param: { name: 'id', in: 'path' } }) })

const always = [400, 401, 403, 404, 405, 413, 422, 500, 503, 507] as const
const problem = { 'application/problem+json': { schema: Problem } }
const retryHeader = { 'Retry-After': { schema: { type: 'integer' as const, minimum: 1 }, description: 'seconds' } }

type Described = Readonly<Record<number, { readonly description: string; readonly content: typeof problem }>>

/** Whatever is asked for, these may come; `more` are this route's own. */
export function problems(...more: readonly number[]): Described {
  return Object.fromEntries(
    [...always, ...more].map((status) => [
      status,
      { description: 'a problem', content: problem, ...(status === 503 ? { headers: retryHeader } : {}) },
    ]),
  )
}

export function json<S extends z.ZodType>(schema: S, description: string) {
  return { description, content: { 'application/json': { schema } } } as const
}

export const locationHeader = { Location: { schema: { type: 'string' as const }, description: 'where its status is told' } }
export const etagHeader = { ETag: { schema: { type: 'string' as const }, description: 'of what was read, for If-Match' } }

export function etagOf({ generation }: { readonly generation: number }): string {
  return `"${generation}"`
}

/** Throws a ProblemError when there is no condition at all. */
export function requiredCondition(context: Context): (generation: number) => boolean {
  const condition = conditionOf(context)
  if (condition === null) throw new ProblemError('precondition-required')
  return condition
}

/** Null: none was named. A weak tag never matches. */
export function conditionOf(context: Context): ((generation: number) => boolean) | null {
  const named = context.req.header('if-match')
  if (named === undefined) return null
  const tags = named.split(',').map((tag) => tag.trim())
  return (generation) => tags.includes('*') || tags.includes(etagOf({ generation }))
}

export function statusPath(id: string): string {
  return `/api/v1/clusters/${encodeURIComponent(id)}/status`
}
