/** Keeps the one door that counts, and puts another in its place when the configuration changes: the new one is whole before the old one goes. */
import { isDeepStrictEqual } from 'node:util'
import { ConfigError } from './config-error.ts'
import { findUnsafe, type GatewayConfig } from './config.ts'
import { standingTerms } from './standing-config.ts'
import { makeDoor, type Door, type Lasting } from './door.ts'

export interface Doorkeeper extends AsyncDisposable {
  /** The door for what begins now. */
  readonly door: Door
  /** The configuration in force. */
  readonly config: GatewayConfig
  /** Calls that come while one is at work are served by one more, which reads the newest there is. Never rejects: what is wrong is logged. */
  reload(load: () => GatewayConfig): Promise<void>
}

/** What a running gateway cannot change: these keep their values until the next start. */
export const fixedKeys = ['listen', 'operations'] as const satisfies readonly (keyof GatewayConfig)[]

/** Throws a ConfigError when the first configuration is not good enough. */
export async function keepDoor(first: GatewayConfig, lasting: Lasting): Promise<Doorkeeper> {
  let config = first
  let door = await makeDoor(first, lasting)
  let running: Promise<void> = Promise.resolve()
  let waiting: Promise<void> | null = null

  async function replace(load: () => GatewayConfig): Promise<void> {
    const { effective, fixed } = keepFixed(load(), config)
    const old = door
    door = await makeDoor(effective, lasting)
    config = effective
    lasting.standing.configure(standingTerms(config, lasting.pieces.now))
    lasting.setLevel(config.log.level)
    applied(fixed, lasting)
    await old[Symbol.asyncDispose]()
  }

  function reload(load: () => GatewayConfig): Promise<void> {
    waiting ??= running.then(() => {
      waiting = null
      running = replace(load).catch((cause: unknown) => refused(cause, lasting))
      return running
    })
    return waiting
  }

  return {
    get door() {
      return door
    },
    get config() {
      return config
    },
    reload,
    async [Symbol.asyncDispose]() {
      await (waiting ?? running)
      await door[Symbol.asyncDispose]()
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

function applied(fixed: readonly string[], { metrics, write }: Lasting): void {
  metrics.reload('applied')
  write('info', { event: 'reload', outcome: 'applied' }, 'the configuration was read anew and is in force')
  if (fixed.length > 0) write('warn', { event: 'reload', fixed }, `${fixed.join(' and ')}: cannot change while running; restart for it`)
}

function refused(cause: unknown, { metrics, write }: Lasting): void {
  metrics.reload('refused')
  const problem = cause instanceof Error ? (cause instanceof ConfigError ? cause.message : cause.name) : 'unknown'
  write('error', { event: 'reload', outcome: 'refused', problem }, 'the configuration on disk is not good: the one before stays in force')
}
