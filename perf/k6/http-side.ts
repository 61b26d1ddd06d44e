/**
 * A k6 script: asks the HTTP side of the system (health, readiness, metrics, an API) at a fixed rate, each target by itself.
 * Run by perf/k6/run.ts; by hand: `k6 run -e PLAN="$(cat plan.json)" perf/k6/http-side.ts`.
 */
import { check } from 'k6'
import http from 'k6/http'
import type { Options } from 'k6/options'
import type { K6Plan } from './plan.ts'

const plan = JSON.parse(__ENV['PLAN'] ?? '{"targets":[],"thresholds":{}}') as K6Plan

export const options: Options = {
  discardResponseBodies: true,
  insecureSkipTLSVerify: false,
  thresholds: plan.thresholds as NonNullable<Options['thresholds']>,
  summaryTrendStats: ['min', 'med', 'p(95)', 'p(99)', 'max', 'count'],
  // An open model: each request begins when it is due, whether or not the one before it is answered; what found nobody free is counted.
  scenarios: Object.fromEntries(
    plan.targets.map((target, at) => [
      target.name,
      {
        executor: 'constant-arrival-rate',
        exec: 'ask',
        rate: target.perSecond,
        timeUnit: '1s',
        duration: `${plan.seconds}s`,
        preAllocatedVUs: plan.concurrency,
        env: { TARGET: String(at) },
        tags: { target: target.name },
      },
    ]),
  ),
}

export function ask(): void {
  const target = plan.targets[Number(__ENV['TARGET'])]!
  const answer = http.request(target.method, target.url, target.body, {
    headers: target.headers,
    timeout: `${plan.timeoutMs}ms`,
    tags: { name: target.name },
  })
  check(answer, { [`${target.name} answers ${target.status}`]: (one) => one.status === target.status }, { target: target.name })
}

/** Numbers for programs, and nothing on the terminal. */
export function handleSummary(data: unknown): Record<string, string> {
  return { [__ENV['SUMMARY'] ?? 'stdout']: JSON.stringify(data) }
}
