/** What the routes work with. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Authenticate, Principal } from '../access/authenticate.ts'
import type { WriteAudit } from '../access/audit.ts'
import type { Orders, WakeOutcome } from '../clusters/orders.ts'
import type { ControlPlaneConfig } from '../config.ts'
import type { Feed } from '../feed.ts'
import type { Metrics } from '../metrics.ts'
import type { Provisioner } from '../provisioner.ts'
import type { Collector } from '../stats/stats.ts'
import type { Store } from '../store/store.ts'
import type { Write } from '../../gateway/audit.ts'

export interface AdmissionSteps {
  readonly authenticate: () => Promise<Principal>
  readonly act: (principal: Principal) => Promise<void>
}

/** In which order the steps are taken: nothing is done before it is known who asks. */
export type Admit = (steps: AdmissionSteps) => Promise<void>

export const admit: Admit = async ({ authenticate, act }) => await act(await authenticate())

export interface WakeAnswer {
  readonly status: 200 | 202 | 503
  readonly retryAfterMs?: number
}

/** What is answered to a wake. */
export type AnswerWake = (outcome: WakeOutcome) => WakeAnswer

/** 202 only for what was accepted. */
export const answerWake: AnswerWake = (outcome) => {
  if (outcome.kind === 'failed') return { status: 503, retryAfterMs: outcome.retryAfterMs }
  return { status: outcome.kind === 'awake' ? 200 : 202 }
}

export interface Service {
  readonly config: ControlPlaneConfig
  readonly store: Store
  readonly orders: Orders
  readonly provisioner: Provisioner
  readonly collector: Collector
  readonly feed: Feed
  readonly metrics: Metrics
  readonly authenticate: Authenticate
  readonly admit: Admit
  readonly answerWake: AnswerWake
  readonly audit: WriteAudit
  readonly write: Write
  readonly now: () => number
  /** Fires when it stops. */
  readonly stopping: AbortSignal
}

export interface Env {
  Variables: { requestId: string; principal: Principal; denied: string | null }
}

export type Api = OpenAPIHono<Env>
