/** What goes wrong, as an answer: problem+json (RFC 9457), one row for each kind. */
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { Denied } from '../access/authenticate.ts'
import { ProvisionerError } from '../provisioner.ts'
import { StoreError, type StoreFault } from '../store/store.ts'
import type { Problem } from './pooler-schemas.ts'

export const problemRows = {
  'malformed-request': [400, 'the request cannot be read'],
  unauthenticated: [401, 'a token is wanted that is good here'],
  forbidden: [403, 'this token does not allow that'],
  'not-found': [404, 'there is no such thing'],
  'method-not-allowed': [405, 'that cannot be done with it'],
  conflict: [409, 'as it is, that cannot be done with it'],
  'precondition-failed': [412, 'it was changed since it was read'],
  'too-large': [413, 'the request is too large'],
  'invalid-request': [422, 'the request says something that cannot be'],
  'precondition-required': [428, 'say by If-Match what was read'],
  internal: [500, 'something went wrong here'],
  'wake-failed': [500, 'the cluster could not be woken'],
  unavailable: [503, 'that cannot be done at the moment'],
  'wake-refused': [503, 'the cluster could not be woken'],
  'not-leading': [503, 'another control plane leads: ask it, or this one later'],
  'read-only': [503, 'changes are not taken at the moment'],
  'pooler-unreachable': [503, 'the pooler does not answer'],
  'store-full': [507, 'there is no room for changes'],
} as const satisfies Record<string, readonly [number, string]>

export type ProblemKind = keyof typeof problemRows

export interface ProblemNotes {
  readonly detail?: string
  readonly errors?: readonly { readonly path: string; readonly message: string }[]
  readonly retryAfterMs?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** Thrown by whoever answers a request that ends so. */
export class ProblemError extends Error {
  readonly kind: ProblemKind
  readonly notes: ProblemNotes

  constructor(kind: ProblemKind, notes: ProblemNotes = {}) {
    super(notes.detail ?? problemRows[kind][1])
    this.name = 'ProblemError'
    this.kind = kind
    this.notes = notes
  }
}

export function answerProblem(context: Context, kind: ProblemKind, notes: ProblemNotes = {}): Response {
  const [status, title] = problemRows[kind]
  const { detail = title, errors, retryAfterMs, headers = {} } = notes
  const body: Problem = {
    type: `urn:orochi:problem:${kind}`,
    title,
    status,
    detail,
    ...(errors === undefined ? {} : { errors: [...errors] }),
    request_id: context.get('requestId') as string,
  }
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      'content-type': 'application/problem+json',
      ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) }),
      ...(status === 401 ? { 'www-authenticate': 'Bearer realm="orochi"' } : {}),
      ...headers,
    },
  })
}

const storeProblems: Readonly<Record<StoreFault, ProblemKind>> = {
  unavailable: 'unavailable',
  full: 'store-full',
  read_only: 'read-only',
  not_leading: 'not-leading',
  foreign: 'unavailable',
}

const defaultRetryMs = 1000

/** Null: nobody expected that. */
export function problemOf(cause: unknown): ProblemError | null {
  if (cause instanceof ProblemError) return cause
  if (cause instanceof Denied) return new ProblemError(cause.status === 401 ? 'unauthenticated' : 'forbidden')
  if (cause instanceof StoreError) return new ProblemError(storeProblems[cause.fault], { retryAfterMs: defaultRetryMs })
  if (cause instanceof ProvisionerError)
    return new ProblemError('pooler-unreachable', { detail: cause.message, ...(cause.retryable ? { retryAfterMs: defaultRetryMs } : {}) })
  if (cause instanceof HTTPException) return new ProblemError(cause.status === 413 ? 'too-large' : 'malformed-request')
  return null
}
