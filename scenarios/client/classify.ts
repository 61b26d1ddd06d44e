/** What is known of an operation whose connection failed it: not applied, or nobody knows. */
import type { Phase, Result } from '../history/record.ts'

export type Effect = 'read' | 'write'

/** The client waited as long as it waits for anything. */
export class NoAnswer extends Error {
  constructor(afterMs: number) {
    super(`no answer within ${Math.round(afterMs)} ms`)
    this.name = 'NoAnswer'
  }
}

/** The server ended the transaction by itself: COMMIT was answered with ROLLBACK. */
export class RolledBack extends Error {
  constructor() {
    super('COMMIT was answered with ROLLBACK')
    this.name = 'RolledBack'
  }
}

/**
 * Classes of SQLSTATE that say that the statement was refused and has no effect: data, integrity, transaction state, authorization, rollback,
 * syntax, features, limits. 40003 (nobody knows) is none of them, and neither are lost connections, shutdowns and internal errors.
 */
const refusing = /^(?:0A|21|22|23|25|26|28|2B|2D|2F|34|3B|3D|3F|40(?!003)|42|44|53|54|55|57P03)/

export function isRefusal(sqlstate: string | null): boolean {
  return sqlstate !== null && refusing.test(sqlstate)
}

/** The outcome of an operation that threw this in this phase. */
export function resultOf(error: unknown, phase: Phase, effect: Effect): Result {
  const sqlstate = sqlstateOf(error)
  return {
    outcome: isKnownUndone(error, sqlstate, phase, effect) ? 'fail' : 'info',
    sqlstate,
    message: (error instanceof Error ? error.message : String(error)).slice(0, 300),
    phase,
    stuck: error instanceof NoAnswer,
  }
}

function isKnownUndone(error: unknown, sqlstate: string | null, phase: Phase, effect: Effect): boolean {
  // Nothing was asked yet, or only a transaction that nobody told to commit.
  if (effect === 'read' || phase === 'connect' || phase === 'before-commit') return true
  return error instanceof RolledBack || isRefusal(sqlstate)
}

/** What the other side said, or null: the driver and the system below it have codes of other lengths. */
export function sqlstateOf(error: unknown): string | null {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : null
}
