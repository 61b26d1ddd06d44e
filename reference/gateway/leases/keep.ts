/** The leases of a gateway as it is configured: its connection to the store, and what operators hear of it. */
import { hostname } from 'node:os'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { ClientConfig } from 'pg'
import { parseIntoClientConfig } from 'pg-connection-string'
import type { Write } from '../audit.ts'
import { readText } from '../config-file.ts'
import type { LeaseStoreConfig } from './config.ts'
import { noLeases, StoredLeases, type Leases } from './leases.ts'

export interface KeepTerms {
  readonly config: LeaseStoreConfig | undefined
  readonly registry: Registry
  readonly write: Write
}

/** Begins at once, and waits for nothing: a store that is away is a matter of policy. Throws a ConfigError for a file that is not there. */
export function keepLeases({ config, registry, write }: KeepTerms): Leases & AsyncDisposable {
  if (config === undefined) return { ...noLeases, [Symbol.asyncDispose]: () => Promise.resolve() }
  const { leaseSeconds, timeoutMs, whenAway, waiting } = config
  const leaseMs = leaseSeconds * 1000
  const name = `orochi-gateway ${hostname()} ${process.pid}`.slice(0, 63)
  const line = { connection: connectionOf(config), name, leaseMs, timeoutMs }
  const figures = figuresIn(registry)
  return new StoredLeases({
    // The driver is read only where there is a store.
    open: async (before, held, signal) => (await import('./line.ts')).openLine(line, { before, held, signal }),
    leaseMs,
    timeoutMs,
    whenAway,
    waiting,
    onSettled: figures.settled,
    onState(state, problem) {
      figures.turned(state)
      if (state === 'there') write('info', { event: 'lease_store', state }, 'the lease store answers')
      else write('error', { event: 'lease_store', state, problem, whenAway }, 'the lease store does not answer')
    },
  })
}

/** Exported for its test. */
export function connectionOf({ url, passwordFile, tls }: LeaseStoreConfig): ClientConfig {
  const connection = parseIntoClientConfig(url)
  return {
    ...connection,
    ...(passwordFile === undefined ? {} : { password: readText(passwordFile).trim() }),
    ssl: tls === undefined || tls === 'off' ? false : { ca: readText(tls.ca), ...namedBy(tls.serverName), rejectUnauthorized: true },
  }
}

function namedBy(serverName: string | undefined): object {
  return serverName === undefined ? {} : { servername: serverName, host: serverName }
}

function figuresIn(registry: Registry) {
  const registers = [registry]
  const there = new Gauge({ name: 'orochi_gateway_lease_store_up', help: '1 while the lease store answers', registers })
  const losses = new Counter({
    name: 'orochi_gateway_lease_store_losses_total',
    help: 'Times the lease store stopped answering',
    registers,
  })
  const times = new Histogram({
    name: 'orochi_gateway_lease_store_seconds',
    help: 'How long the lease store takes to answer for one or many logins',
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5],
    registers,
  })
  return {
    settled: (tookMs: number) => times.observe(tookMs / 1000),
    turned(state: 'there' | 'away') {
      there.set(state === 'there' ? 1 : 0)
      if (state === 'away') losses.inc()
    },
  }
}
