/** Two-phase commit as a whole: the log of decisions, who makes them, and who carries out what was left. */
import type { Logger } from 'pino'
import { ConfigError } from '../config-file.ts'
import type { RouterConfig } from '../config.ts'
import type { Pieces } from '../pieces.ts'
import { Coordinator } from './coordinator.ts'
import { DecisionLog } from './decision-log.ts'
import { Sweeper } from './sweeper.ts'

export interface TwoPhase extends AsyncDisposable {
  readonly coordinator: Coordinator
  readonly sweeper: Sweeper
  readonly log: DecisionLog
}

/** Null where no database asks for it. Rejects when the log cannot be had. */
export async function openTwoPhase(
  current: () => RouterConfig,
  { keepsDecision, passStep }: Pick<Pieces, 'keepsDecision' | 'passStep'>,
  logger: Logger,
): Promise<TwoPhase | null> {
  const { twoPhase } = current()
  if (!twoPhase) return null
  const log = await DecisionLog.open(twoPhase.dir).catch((error: unknown) => {
    throw new ConfigError(`twoPhase.dir: ${(error as Error).message}`, error)
  })
  const coordinator = new Coordinator({ log, logger, keepsDecision, passStep, onLeftBehind: () => sweeper.kick() })
  const sweeper = new Sweeper({ config: current, log, coordinator, logger })
  return {
    coordinator,
    sweeper,
    log,
    async [Symbol.asyncDispose]() {
      await sweeper[Symbol.asyncDispose]()
      await log[Symbol.asyncDispose]()
    },
  }
}
