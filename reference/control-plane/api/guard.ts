/** Stands before every request: whether there is room for it, who it comes from, and what is written down of it. */
import { randomUUID } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import { AuditUnavailable } from '../access/audit.ts'
import { Denied, type Wanted } from '../access/authenticate.ts'
import { answerProblem, problemOf } from './problem.ts'
import type { Env, Service } from './service.ts'

interface Incoming {
  readonly socket?: { readonly remoteAddress?: string; readonly remotePort?: number }
}

/** Counts, times and logs each request, and gives it a name. */
export function watchRequests({ metrics, write }: Service): MiddlewareHandler<Env> {
  return async (context, next) => {
    const startedAt = performance.now()
    const requestId = randomUUID()
    context.set('requestId', requestId)
    await next()
    context.res.headers.set('x-request-id', requestId)
    const { method } = context.req
    const [status, took] = [context.res.status, performance.now() - startedAt]
    metrics.answered(method.length < 8 ? method : 'other', routePath(context, -1), status, took / 1000)
    write(
      'debug',
      { event: 'request', method, path: context.req.path, status, durationMs: Math.round(took * 10) / 10, request: requestId },
      'a request was answered',
    )
  }
}

/** Those beyond the limit are asked to come again. */
export function makeRoom({ config }: Service): MiddlewareHandler<Env> {
  let underWay = 0
  return async (context, next) => {
    if (underWay >= config.limits.requests)
      return answerProblem(context, 'unavailable', { detail: 'too many requests are under way', retryAfterMs: 1000 })
    underWay++
    try {
      await next()
    } finally {
      underWay--
    }
  }
}

/** Nobody learns whether a cluster exists before it is known who asks. */
export function admitOnly(service: Service): MiddlewareHandler<Env> {
  const { admit, authenticate } = service
  return async (context, next) => {
    const wanted = wantedBy(context)
    const cluster = clusterIn(context.req.path)
    await admit({
      authenticate: () => authenticate(context.req.header('authorization'), wanted, cluster),
      act: async (principal) => {
        context.set('principal', principal)
        if (context.req.method !== 'GET' && context.req.method !== 'HEAD') audit(service, context, 'accepted', principal.subject)
        await next()
      },
    })
  }
}

function wantedBy({ req }: Context<Env>): Wanted {
  if (req.path.startsWith('/api/v1/internal/')) return 'internal'
  return req.method === 'GET' || req.method === 'HEAD' ? 'read' : 'admin'
}

function clusterIn(path: string): string | null {
  const [, id] = /^\/api\/v1\/(?:internal\/)?clusters\/([^/]+)/.exec(path) ?? []
  return id ?? null
}

/** What a request ends in that ends by a throw. */
export function answerThrown(service: Service): (cause: unknown, context: Context<Env>) => Response {
  return (cause, context) => {
    if (cause instanceof Denied) audit(service, context, 'refused', cause.subject, cause.reason)
    if (cause instanceof AuditUnavailable) return answerProblem(context, 'unavailable', { detail: cause.message, retryAfterMs: 1000 })
    const problem = problemOf(cause)
    if (problem !== null) {
      if (problem.kind === 'unavailable' || problem.kind === 'store-full') tell(service, context, 'warn', cause)
      return answerProblem(context, problem.kind, problem.notes)
    }
    tell(service, context, 'error', cause)
    return answerProblem(context, 'internal')
  }
}

function tell({ write }: Service, context: Context<Env>, level: 'warn' | 'error', cause: unknown): void {
  const { stack, message } = cause as Error
  write(level, { event: 'request', request: context.get('requestId'), fault: level === 'error' ? stack : message }, 'a request failed')
}

function audit(service: Service, context: Context<Env>, outcome: 'accepted' | 'refused', subject: string | null, reason?: string): void {
  const { remoteAddress = 'gone', remotePort = 0 } = (context.env as { incoming?: Incoming } | undefined)?.incoming?.socket ?? {}
  service.audit({
    event: 'order',
    outcome,
    ...(reason === undefined ? {} : { reason }),
    subject: subject === null ? null : subject.slice(0, 256),
    method: context.req.method.slice(0, 16),
    path: context.req.path.slice(0, 256),
    request: context.get('requestId'),
    remote: `${remoteAddress}:${remotePort}`,
  })
}
