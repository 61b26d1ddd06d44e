/** All sessions that belong to a token, so that those can be ended whose token is revoked or has expired. */
import type { LiveSession } from './live-session.ts'

export const expiryPolicies = ['end', 'finish-transaction', 'ignore'] as const

export interface ExpiryTerms {
  readonly atExpiry: (typeof expiryPolicies)[number]
  /** From the end of the token to that of its session. */
  readonly graceMs: number
}

export interface LiveSessions {
  enrol(session: LiveSession): void
  leave(session: LiveSession): void
  /** Ends all that are found to be revoked, and says how many. */
  endRevoked(isRevoked: (session: LiveSession) => boolean): number
  /** Does what is due to those whose token has ended. */
  endExpired(nowMs: number): void
  readonly size: number
}

/** `termsNow` is asked each time: terms may change while sessions are on. */
export function makeLiveSessions(termsNow: () => ExpiryTerms): LiveSessions {
  const sessions = new Set<LiveSession>()

  function expire(session: LiveSession, endMs: number, nowMs: number): void {
    const { atExpiry, graceMs } = termsNow()
    if (nowMs >= endMs + graceMs) session.end('session_expired')
    else if (atExpiry === 'finish-transaction') session.endWhenIdle('session_expired')
    else session.warn(`the token of this session has expired; the session ends in ${Math.ceil((endMs + graceMs - nowMs) / 1000)} s`)
  }

  return {
    enrol(session) {
      if (!session.left) sessions.add(session)
    },
    leave(session) {
      session.leave()
      sessions.delete(session)
    },
    endRevoked(isRevoked) {
      const revoked = [...sessions].filter(isRevoked)
      for (const session of revoked) session.end('session_revoked')
      return revoked.length
    },
    endExpired(nowMs) {
      if (termsNow().atExpiry === 'ignore') return
      for (const session of sessions) {
        const { endMs } = session.token ?? { endMs: Number.POSITIVE_INFINITY }
        if (nowMs >= endMs) expire(session, endMs, nowMs)
      }
    },
    get size() {
      return sessions.size
    },
  }
}
