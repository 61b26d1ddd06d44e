/** Whether a token that was found good still stands: it was not revoked, its key is still trusted, and it was not used up. */
import type { LiveSession } from './live-session.ts'
import type { ExpiryTerms, LiveSessions } from './live-sessions.ts'
import { Refusal } from './reasons.ts'
import type { Revocation, Revocations, RevocationTerms } from './revocations.ts'
import type { SingleUseTerms, UseOnce } from './single-use.ts'
import { describe, type VerifiedToken } from './verify.ts'

export interface StandingPieces {
  readonly makeRevocations: (termsNow: () => RevocationTerms) => Revocations
  readonly makeLiveSessions: (termsNow: () => ExpiryTerms) => LiveSessions
  readonly makeSingleUse: (termsNow: () => SingleUseTerms | null) => UseOnce
}

export interface StandingTerms {
  readonly revocation: RevocationTerms
  readonly expiry: ExpiryTerms
  /** Null: a token may be used again and again. */
  readonly singleUse: SingleUseTerms | null
  readonly now: () => number
}

export interface Standing extends Disposable {
  /** Throws a Refusal when the token stands no more. */
  check(token: VerifiedToken): void
  stands(token: VerifiedToken): boolean
  /** The session belongs to this token from now on, and ends with it. Throws a Refusal when the token may not have it. */
  enrol(session: LiveSession, token: VerifiedToken): void
  leave(session: LiveSession): void
  /** How many sessions were ended; null when there is no room for more revocations. */
  push(revocations: readonly Revocation[]): number | null
  pushed(): readonly Revocation[]
  replacePulled(revocations: readonly Revocation[]): number | null
  readonly revocations: number
  /** From now on these terms count; what was revoked or used stays so. */
  configure(terms: StandingTerms): void
}

const lookMs = 500
const looksPerPrune = 120

export function makeStanding(first: StandingTerms, pieces: StandingPieces): Standing {
  let terms = first
  const revocations = pieces.makeRevocations(() => terms.revocation)
  const sessions = pieces.makeLiveSessions(() => terms.expiry)
  const useOnce = pieces.makeSingleUse(() => terms.singleUse)
  let looks = 0
  const timer = setInterval(() => {
    sessions.endExpired(terms.now())
    if (looks++ % looksPerPrune === 0) revocations.prune()
  }, lookMs)

  const stands = (token: VerifiedToken) => revocations.match(token) === null
  const endRevoked = () => sessions.endRevoked(({ token }) => token !== null && !stands(token))
  const check = (token: VerifiedToken) => {
    if (!stands(token)) throw new Refusal('token_revoked', describe(token.claims))
  }
  return {
    check,
    stands,
    enrol(session, token) {
      check(token)
      useOnce(token)
      session.belongTo(token)
      sessions.enrol(session)
    },
    leave: (session) => sessions.leave(session),
    push: (added) => (revocations.push(added) ? endRevoked() : null),
    pushed: () => revocations.pushed(),
    replacePulled: (list) => (revocations.replacePulled(list) ? endRevoked() : null),
    get revocations() {
      return revocations.size
    },
    configure: (next) => void (terms = next),
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

/** Removes what will not be served again from a cache, until it is disposed. */
export function sweepNowAndThen({ sweep }: { readonly sweep?: () => void }): Disposable {
  const timer = setInterval(() => sweep?.(), lookMs)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
