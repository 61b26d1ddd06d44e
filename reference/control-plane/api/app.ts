/** The interface over HTTP: its routes, its document, and the answers to what none of them is for. */
import { OpenAPIHono } from '@hono/zod-openapi'
import { bodyLimit } from 'hono/body-limit'
import { addClusterRoutes } from './cluster-routes.ts'
import { addEventRoutes } from './event-routes.ts'
import { admitOnly, answerThrown, makeRoom, watchRequests } from './guard.ts'
import { addPoolerRoutes } from './pooler-routes.ts'
import { PoolerConfig } from './cluster-schemas.ts'
import { WakeEvent } from './pooler-schemas.ts'
import { answerProblem, ProblemError } from './problem.ts'
import type { Api, Env, Service } from './service.ts'
import { addWakeRoutes } from './wake-routes.ts'

const description = {
  openapi: '3.1.0',
  info: {
    title: 'Orochi control plane',
    version: '1.0.0',
    description: 'Pooled Postgres clusters: settings, sleep and wake, numbers, history. Problems are told as problem+json (RFC 9457).',
  },
  security: [{ bearer: [] }],
}

/** `more` adds what else is served, as a page: it is not asked for a token. */
export function makeApp(service: Service, more: (api: Api) => void = () => {}): Api {
  const api: Api = new OpenAPIHono<Env>({ defaultHook: refuseInvalid })
  api.onError(answerThrown(service))
  api.use(watchRequests(service), makeRoom(service))
  api.use('/api/*', admitOnly(service), bodyLimit({ maxSize: service.config.limits.bodyBytes, onError: () => throwTooLarge() }))
  addClusterRoutes(api, service)
  addPoolerRoutes(api, service)
  addWakeRoutes(api, service)
  addEventRoutes(api, service)
  api.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' })
  for (const [name, schema] of Object.entries({ PoolerConfig, WakeEvent })) api.openAPIRegistry.register(name, schema)
  const document = api.getOpenAPI31Document(description)
  api.get('/openapi.json', (context) => context.json(document))
  more(api)
  api.notFound((context) => answerElsewhere(api, context.req.path, (kind) => answerProblem(context, kind)))
  return api
}

interface Checked {
  readonly target: string
  readonly success: boolean
  readonly error?: { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] }
}

/** A name that cannot be one is the name of nothing. */
function refuseInvalid(result: Checked): void {
  if (result.success) return
  if (result.target === 'param') throw new ProblemError('not-found')
  const errors = (result.error?.issues ?? [])
    .slice(0, 20)
    .map(({ path, message }) => ({ path: path.map(String).join('.'), message: message.slice(0, 500) }))
  const detail = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ')
  throw new ProblemError('invalid-request', { detail: detail.slice(0, 2000), errors })
}

function throwTooLarge(): never {
  throw new ProblemError('too-large')
}

/** Whether something is there under another method. */
function answerElsewhere(api: Api, path: string, answer: (kind: 'not-found' | 'method-not-allowed') => Response): Response {
  const known = api.routes.some(({ path: pattern, method }) => method !== 'ALL' && matches(pattern, path))
  return answer(known ? 'method-not-allowed' : 'not-found')
}

function matches(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split('/'), path.split('/')]
  return wanted.length === given.length && wanted.every((part, at) => part.startsWith(':') || part === given[at])
}
