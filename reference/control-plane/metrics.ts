/** What the control plane counts. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { ClusterRecord } from './clusters/record.ts'
import type { Change } from './clusters/transitions.ts'

export interface Metrics {
  readonly registry: Registry
  changed(record: ClusterRecord, change: Change): void
  answered(method: string, route: string, status: number, seconds: number): void
  trouble(call: string): void
  leads(leading: boolean): void
}

const prefix = 'orochi_control_plane_'
/** Further clusters are counted together. */
const mostClusters = 1000

export function makeMetrics(operations: () => number): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  // By the name that was promised; PgDog knows nothing of wakes.
  const wakes = new Counter({
    name: 'orochi_pgdog_wake_events_total',
    help: 'Wakes of suspended clusters that succeeded',
    labelNames: ['cluster_id'],
    registers,
  })
  const failures = new Counter({ name: `${prefix}wake_failures_total`, help: 'Wakes that failed', labelNames: ['cluster_id'], registers })
  const seconds = [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 120]
  const wakeSeconds = new Histogram({
    name: `${prefix}wake_duration_seconds`,
    help: 'From a wake to readiness',
    labelNames: ['warmth'],
    buckets: seconds,
    registers,
  })
  const requests = new Counter({
    name: `${prefix}requests_total`,
    help: 'Requests by route and answer',
    labelNames: ['method', 'route', 'status'],
    registers,
  })
  const requestSeconds = new Histogram({
    name: `${prefix}request_duration_seconds`,
    help: 'From a request to its answer',
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10],
    registers,
  })
  const troubles = new Counter({
    name: `${prefix}driver_troubles_total`,
    help: 'Calls to the driver that failed',
    labelNames: ['call'],
    registers,
  })
  const leading = new Gauge({ name: `${prefix}leading`, help: '1: this process may change things', registers })
  const running: Gauge = new Gauge({
    name: `${prefix}operations`,
    help: 'Operations under way',
    registers,
    collect: () => running.set(operations()),
  })
  const known = new Set<string>()
  const nameOf = (id: string) => (known.size < mostClusters || known.has(id) ? (known.add(id), id) : 'other')
  return {
    registry,
    changed({ id }, { events }) {
      const cluster_id = nameOf(id)
      for (const { kind, warmth = 'cold', durationMs = 0 } of events) {
        if (kind === 'wake.completed') (wakes.inc({ cluster_id }), wakeSeconds.observe({ warmth }, durationMs / 1000))
        if (kind === 'wake.failed') failures.inc({ cluster_id })
      }
    },
    answered(method, route, status, took) {
      requests.inc({ method, route, status: String(status) })
      requestSeconds.observe(took)
    },
    trouble: (call) => troubles.inc({ call }),
    leads: (is) => leading.set(is ? 1 : 0),
  }
}
