/** The gateway's own counters, in a registry of its own. */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import type { Ending } from './live-session.ts'
import type { Reason } from './reasons.ts'
import { timeStages, type StageTimes } from './stages.ts'

export interface Metrics extends StageTimes {
  /** For parts that count things of their own. */
  readonly registry: Registry
  login(outcome: 'accepted' | 'refused', reason: Reason | 'none'): void
  signatureCheck(): void
  cacheHit(): void
  cacheMiss(): void
  sessionStarted(): void
  sessionEnded(): void
  /** A session was ended from within. */
  sessionCut(why: Ending): void
  reload(outcome: 'applied' | 'refused'): void
  /** In the text format of Prometheus. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>
  /** The same as data, to be summed over processes. */
  figures(): Promise<Figures>
}

export interface Figure {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly aggregator: string
  readonly values: readonly { readonly value: number; readonly labels: Readonly<Record<string, string | number>> }[]
}

export type Figures = readonly Figure[]

const prefix = 'orochi_gateway_'

/** What is asked at each scrape. */
export interface Gauged {
  readonly cacheEntries: () => number
  readonly revocations: () => number
}

export function makeMetrics({ cacheEntries, revocations }: Gauged): Metrics {
  const registry = new Registry()
  const counter = (name: string, help: string) => new Counter({ name: prefix + name, help, registers: [registry] })
  const checks = counter('token_verifications_total', 'Token signatures that were checked')
  const hits = counter('token_cache_hits_total', 'Tokens that were known to be good')
  const misses = counter('token_cache_misses_total', 'Tokens that had to be verified')
  const sessions = new Gauge({ name: `${prefix}sessions_active`, help: 'Sessions that are logged in', registers: [registry] })
  const logins = countLogins(registry)
  const reloads = countReloads(registry)
  const cuts = countCuts(registry)
  gauge(registry, 'token_cache_entries', 'Tokens remembered as good', cacheEntries)
  gauge(registry, 'revocations', 'Revocations in force', revocations)
  collectDefaultMetrics({ register: registry })
  return {
    registry,
    ...timeStages(registry),
    login: (outcome, reason) => logins.inc({ outcome, reason }),
    signatureCheck: () => checks.inc(),
    cacheHit: () => hits.inc(),
    cacheMiss: () => misses.inc(),
    sessionStarted: () => sessions.inc(),
    sessionEnded: () => sessions.dec(),
    sessionCut: (why) => cuts.inc({ why }),
    reload: (outcome) => reloads.inc({ outcome }),
    figures: async () => (await registry.getMetricsAsJSON()) as unknown as Figures,
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
}

function countLogins(registry: Registry): Counter<'outcome' | 'reason'> {
  const help = 'Login attempts by outcome; reason is none for those accepted'
  return new Counter({ name: `${prefix}logins_total`, help, labelNames: ['outcome', 'reason'], registers: [registry] })
}

function countReloads(registry: Registry): Counter<'outcome'> {
  const help = 'Reloads of the configuration; after one that was refused the configuration before stays in force'
  return new Counter({ name: `${prefix}config_reloads_total`, help, labelNames: ['outcome'], registers: [registry] })
}

function countCuts(registry: Registry): Counter<'why'> {
  const help = 'Sessions that were ended because their token was revoked or had expired'
  return new Counter({ name: `${prefix}sessions_cut_total`, help, labelNames: ['why'], registers: [registry] })
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  const made: Gauge = new Gauge({ name: prefix + name, help, registers: [registry], collect: () => made.set(read()) })
}
