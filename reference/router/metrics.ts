/** What the router counts. */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'

export interface Levels {
  readonly clients: number
  readonly serversActive: number
  readonly serversIdle: number
  readonly waiting: number
  /** Transactions decided for several shards and not yet carried out everywhere. */
  readonly pendingDecisions: number
}

export interface Metrics {
  readonly registry: Registry
  serverConnected(): void
  checkedOut(): void
  /** A statement of a sharded database, by where it went. */
  routed(kind: 'any' | 'one' | 'several' | 'rows' | 'everywhere'): void
  /** An error a client was given. */
  error(sqlstate: string): void
}

/** Functions can raise any five characters: beyond these many kinds they are counted together. */
const mostSqlstates = 100

export function openMetrics(levels: () => Levels): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  gauge(registry, 'clients', 'clients that are logged in', () => levels().clients)
  gauge(registry, 'servers_active', 'server connections that serve a client or are being cleaned', () => levels().serversActive)
  gauge(registry, 'servers_idle', 'server connections that wait for a client', () => levels().serversIdle)
  gauge(registry, 'waiting', 'clients that wait for a server connection', () => levels().waiting)
  gauge(
    registry,
    'pending_decisions',
    'transactions over shards that are decided and not yet carried out everywhere',
    () => levels().pendingDecisions,
  )
  const connects = counter(registry, 'server_connects_total', 'server connections opened')
  const checkouts = counter(registry, 'checkouts_total', 'times a client was given a server connection')
  const errors = new Counter({
    name: 'orochi_router_errors_total',
    help: 'errors given to clients',
    labelNames: ['sqlstate'],
    registers: [registry],
  })
  const routes = new Counter({
    name: 'orochi_router_routed_total',
    help: 'statements of sharded databases by where they went',
    labelNames: ['route'],
    registers: [registry],
  })
  const seen = new Set<string>()
  return {
    registry,
    serverConnected: () => connects.inc(),
    routed: (route) => routes.inc({ route }),
    checkedOut: () => checkouts.inc(),
    error(sqlstate) {
      if (seen.size < mostSqlstates) seen.add(sqlstate)
      errors.inc({ sqlstate: seen.has(sqlstate) ? sqlstate : 'other' })
    },
  }
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  const made: Gauge = new Gauge({ name: `orochi_router_${name}`, help, registers: [registry], collect: () => made.set(read()) })
}

function counter(registry: Registry, name: string, help: string): Counter {
  return new Counter({ name: `orochi_router_${name}`, help, registers: [registry] })
}
