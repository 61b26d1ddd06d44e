/** How long the stages of a login take: a histogram for each, observed once per login and never per message. */
import { Histogram, type Registry } from 'prom-client'

export const stages = ['tls', 'token', 'upstream', 'login'] as const
export type Stage = (typeof stages)[number]

const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export interface StageTimes {
  took(stage: Stage, ms: number): void
}

export function timeStages(registry: Registry): StageTimes {
  const help =
    'Time taken by stages of logins that passed them: TLS handshake, verifying the token, reaching the upstream; login is the whole of one that was accepted'
  const histogram = new Histogram({
    name: 'orochi_gateway_login_stage_seconds',
    help,
    labelNames: ['stage'],
    buckets,
    registers: [registry],
  })
  return { took: (stage, ms) => histogram.observe({ stage }, ms / 1000) }
}

/** Work that failed is not observed: a flood of refusals would hide what good logins take. */
export async function timed<T>({ took }: StageTimes, stage: Stage, work: () => Promise<T>): Promise<T> {
  const began = performance.now()
  const result = await work()
  took(stage, performance.now() - began)
  return result
}
