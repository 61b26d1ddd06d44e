/** A cluster as the objects that it consists of, as they go over the wire. */
import type { KubeObject } from './kinds.ts'
import { renderNetwork } from './render-network.ts'
import { renderPooler } from './render-pooler.ts'
import { renderPostgres } from './render-postgres.ts'
import type { Plan } from './plan.ts'

export interface Replicas {
  readonly postgres: number
  readonly pooler: number
}

/** In the order in which they are needed: what is named comes before what names it. */
export function render(plan: Plan, replicas: Replicas): readonly KubeObject[] {
  const pooler = plan.wanted.spec.pooler.enabled ? renderPooler(plan, replicas.pooler) : []
  return [...renderNetwork(plan), ...renderPostgres(plan, replicas.postgres), ...pooler].map(toWire)
}

/** What is undefined vanishes. */
const toWire = (object: object) => JSON.parse(JSON.stringify(object)) as KubeObject
