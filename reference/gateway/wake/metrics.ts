/** What is counted about waking; the names are those that dashboards and alerts expect. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

export interface WakeMetrics {
  woken(cluster: string): void
  /** Seconds from the first question to readiness. */
  took(seconds: number): void
  waiting(change: 1 | -1): void
}

const events = 'orochi_pgdog_wake_events_total'
const duration = 'gateway_wake_duration_seconds'
const waiters = 'orochi_gateway_wake_waiting'

/** A registry outlives configurations: what is there already goes on counting. Clusters are those of the configuration, so labels are bounded. */
export function makeWakeMetrics(registry: Registry): WakeMetrics {
  const counter = (registry.getSingleMetric(events) ??
    new Counter({ name: events, help: 'Clusters that were asked to wake', labelNames: ['cluster_id'], registers: [registry] })) as Counter
  const histogram = (registry.getSingleMetric(duration) ??
    new Histogram({
      name: duration,
      help: 'From the first question about a sleeping cluster until it was ready',
      buckets: [0.1, 0.5, 1, 2, 5, 10, 30, 60],
      registers: [registry],
    })) as Histogram
  const gauge = (registry.getSingleMetric(waiters) ??
    new Gauge({ name: waiters, help: 'Logins that wait for a cluster to wake', registers: [registry] })) as Gauge
  return {
    woken: (cluster) => counter.inc({ cluster_id: cluster }),
    took: (seconds) => histogram.observe(seconds),
    waiting: (change) => gauge.inc(change),
  }
}
