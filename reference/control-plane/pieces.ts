/** The parts a control plane is composed of; each can be replaced by another with the same contract. */
import { makeAuthenticate, type Authenticate } from './access/authenticate.ts'
import { admit, answerWake, type Admit, type AnswerWake } from './api/service.ts'
import { isAwake, type IsAwake } from './clusters/operations.ts'
import { mergePooler, type MergePooler } from './clusters/orders.ts'
import { takeUpAll, type TakeUpAll } from './clusters/recovery.ts'
import { planWake, type PlanWake } from './clusters/transitions.ts'
import type { ControlPlaneConfig } from './config.ts'
import { makeProvisioner, type MakeProvisioner } from './drivers.ts'
import { pageRoutes, type MakePage } from './page/routes.ts'
import { fetchMetrics, type FetchMetrics } from './stats/fetch-metrics.ts'
import { openStore, type OpenStore } from './store/open.ts'

export interface Pieces {
  /** In which order the steps of a request are taken. */
  readonly admit: Admit
  readonly makeAuthenticate: (config: ControlPlaneConfig, now: () => number) => Authenticate
  /** What is answered to a wake. */
  readonly answerWake: AnswerWake
  /** What a wake comes to: something begun, or something joined. */
  readonly planWake: PlanWake
  /** Puts a patch onto the settings. */
  readonly mergePooler: MergePooler
  /** Whether a cluster that looks so may be called awake. */
  readonly isAwake: IsAwake
  /** What becomes of operations that another process left. */
  readonly takeUpAll: TakeUpAll
  readonly makeProvisioner: MakeProvisioner
  readonly openStore: OpenStore
  readonly fetchMetrics: FetchMetrics
  /** What people with a browser are given. */
  readonly makePage: MakePage
  /** Wall clock, ms since 1970. */
  readonly now: () => number
}

export const pieces: Pieces = {
  admit,
  makeAuthenticate,
  answerWake,
  planWake,
  mergePooler,
  isAwake,
  takeUpAll,
  makeProvisioner,
  openStore,
  fetchMetrics,
  makePage: pageRoutes,
  now: () => Date.now(),
}
