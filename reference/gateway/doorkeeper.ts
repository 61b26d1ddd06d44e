/** Keeps the one thing made of the configuration that counts, and puts another in its place: the new one is whole before the old one goes. */
import { isDeepStrictEqual } from 'node:util'
import type { Write } from './audit.ts'
import { ConfigError } from './config-error.ts'
import { findUnsafe, type GatewayConfig } from './config.ts'
import type { Metrics } from './metrics.ts'

export interface Keeper<T> extends AsyncDisposable {
  /** What counts for what begins now. */
  readonly kept: T
  /** The configuration in force. */
  readonly config: GatewayConfig
  /** Calls that come while one is at work are served by one more, which reads the newest there is. Never rejects: what is wrong is logged. */
  reload(load: () => GatewayConfig): Promise<void>
}

export interface KeeperTerms {
  readonly metrics: Pick<Metrics, 'reload'>
  readonly write: Write
  readonly settle: (config: GatewayConfig) => void
}

/** What a running gateway cannot change: these keep their values until the next start. */
export const fixedKeys = ['listen', 'operations', 'workers', 'audit', 'leaseStore'] as const satisfies readonly (keyof GatewayConfig)[]

/** `make` throws a ConfigError for a configuration that is not good; the first one's is the caller's. */
export async function keep<T extends AsyncDisposable>(
  first: GatewayConfig,
  make: (config: GatewayConfig) => Promise<T>,
  terms: KeeperTerms,
): Promise<Keeper<T>> {
  let config = first
  let kept = await make(first)
  let running: Promise<void> = Promise.resolve()
  let waiting: Promise<void> | null = null

  async function replace(load: () => GatewayConfig): Promise<void> {
    const { effective, fixed } = keepFixed(load(), config)
    const old = kept
    kept = await make(effective)
    config = effective
    terms.settle(config)
    applied(fixed, terms)
    await old[Symbol.asyncDispose]()
  }

  function reload(load: () => GatewayConfig): Promise<void> {
    waiting ??= running.then(() => {
      waiting = null
      running = replace(load).catch((cause: unknown) => refused(cause, terms))
      return running
    })
    return waiting
  }

  return {
    get kept() {
      return kept
    },
    get config() {
      return config
    },
    reload,
    async [Symbol.asyncDispose]() {
      await (waiting ?? running)
      await kept[Symbol.asyncDispose]()
    },
  }
}

/** What is safe with another listener may not be with the one that stays. */
function keepFixed(
  wanted: GatewayConfig,
  current: GatewayConfig,
): { readonly effective: GatewayConfig; readonly fixed: readonly string[] } {
  const fixed = fixedKeys.filter((key) => !isDeepStrictEqual(wanted[key], current[key]))
  const effective = { ...wanted, ...Object.fromEntries(fixedKeys.map((key) => [key, current[key]])) } as GatewayConfig
  const [unsafe] = findUnsafe(effective)
  if (unsafe !== undefined) throw new ConfigError(`${unsafe.path.join('.')}: cannot change while running, and as it is ${unsafe.message}`)
  return { effective, fixed }
}

function applied(fixed: readonly string[], { metrics, write }: KeeperTerms): void {
  metrics.reload('applied')
  write('info', { event: 'reload', outcome: 'applied' }, 'the configuration was read anew and is in force')
  if (fixed.length > 0) write('warn', { event: 'reload', fixed }, `${fixed.join(' and ')}: cannot change while running; restart for it`)
}

function refused(cause: unknown, { metrics, write }: KeeperTerms): void {
  metrics.reload('refused')
  const problem = cause instanceof Error ? (cause instanceof ConfigError ? cause.message : cause.name) : 'unknown'
  write('error', { event: 'reload', outcome: 'refused', problem }, 'the configuration on disk is not good: the one before stays in force')
}
