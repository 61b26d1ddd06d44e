/** Remembers which tokens were used, by issuer and `jti`, until they have ended by themselves. */
import { Refusal } from './reasons.ts'
import { describe, textOf, type VerifiedToken } from './verify.ts'

export interface SingleUseTerms {
  /** When so many living tokens were used, the next is refused: forgetting one would let it in again. */
  readonly entries: number
  /** Wall clock, ms since 1970. */
  readonly now: () => number
}

/** Throws a Refusal unless this token is used for the first time. */
export type UseOnce = (token: VerifiedToken) => void

/** `termsNow` is asked each time; null: a token may be used again and again. */
export function makeSingleUse(termsNow: () => SingleUseTerms | null): UseOnce {
  const used = new Map<string, number>()
  return (token) => {
    const terms = termsNow()
    if (terms === null) return
    const { entries, now } = terms
    const jti = textOf(token.claims, 'jti')
    if (jti === undefined) throw new Refusal('missing_claim', { claim: 'jti', ...describe(token.claims) })
    const key = JSON.stringify([token.issuer, jti])
    if (used.has(key)) throw new Refusal('token_replayed', describe(token.claims))
    if (used.size >= entries) forgetEnded(used, now())
    if (used.size >= entries) throw new Refusal('too_many_tokens', describe(token.claims))
    used.set(key, token.endMs)
  }
}

function forgetEnded(used: Map<string, number>, nowMs: number): void {
  for (const [key, endMs] of used) if (endMs <= nowMs) used.delete(key)
}
