/** What was revoked: tokens, subjects, tenants and keys; no more of them than a bound, and none for longer than a token can live. */
import { z } from 'zod'
import type { Claims } from './token.ts'

export const subjects = ['jti', 'sub', 'tenant', 'kid'] as const
export type Subject = (typeof subjects)[number]

/** Revokes every token with this value; with `before`, only those issued at that second or earlier; with `issuer`, only its own. */
export interface Revocation {
  readonly subject: Subject
  readonly value: string
  readonly issuer?: string | undefined
  readonly before?: number | undefined
}

/** What is asked about a token. */
export interface Bearer {
  readonly claims: Claims
  readonly issuer: string
  readonly keyId: string
}

export interface RevocationTerms {
  readonly maxEntries: number
  /** No token lives longer, from its issue to the last instant it is taken. */
  readonly keepMs: number
  /** Wall clock, ms since 1970. */
  readonly now: () => number
}

export interface Revocations {
  /** Adds to what was pushed. False, and nothing is added, when there is no room for all of them. */
  push(added: readonly Revocation[]): boolean
  pushed(): readonly Revocation[]
  /** Takes the place of what was pulled before. False, and the old list stays, when there is no room. */
  replacePulled(list: readonly Revocation[]): boolean
  match(bearer: Bearer): Revocation | null
  /** Forgets what no living token can be concerned by. */
  prune(): void
  readonly size: number
}

const text = z.string().min(1).max(1024)
const entry = z
  .strictObject({
    jti: text.optional(),
    sub: text.optional(),
    tenant: text.optional(),
    kid: text.optional(),
    issuer: text.optional(),
    before: z.int().min(0).optional(),
  })
  .transform((raw, context): Revocation => {
    const named = subjects.filter((subject) => raw[subject] !== undefined)
    if (named.length === 1) return { subject: named[0]!, value: raw[named[0]!]!, issuer: raw.issuer, before: raw.before }
    context.addIssue({ code: 'custom', message: 'one of jti, sub, tenant, kid is wanted' })
    return z.NEVER
  })
const listSchema = z.strictObject({ revocations: z.array(entry) })

/** What a list says; null when it is none: then nothing of it counts. */
export function readRevocations(json: string): readonly Revocation[] | null {
  try {
    return listSchema.safeParse(JSON.parse(json)).data?.revocations ?? null
  } catch {
    return null
  }
}

/** In the form that is read. */
export function writeRevocations(list: readonly Revocation[]): string {
  return JSON.stringify({ revocations: list.map(({ subject, value, issuer, before }) => ({ [subject]: value, issuer, before })) })
}

type Index = Readonly<Record<Subject, Map<string, Kept[]>>>

interface Kept {
  readonly revocation: Revocation
  readonly untilMs: number
}

/** `termsNow` are asked for each time: they may change while it is in use. */
export function makeRevocations(termsNow: () => RevocationTerms): Revocations {
  const pushed = { index: emptyIndex(), size: 0 }
  const pulled = { index: emptyIndex(), size: 0 }

  function push(added: readonly Revocation[]): boolean {
    const room = () => pushed.size + pulled.size + added.length <= termsNow().maxEntries
    if (!room()) prune()
    if (!room()) return false
    for (const revocation of added) if (keep(pushed.index, revocation, untilOf(revocation))) pushed.size++
    return true
  }

  /** A key that was given away signs new tokens for as long as it is trusted, so its entry stays. */
  function untilOf({ subject }: Revocation): number {
    return subject === 'kid' ? Number.POSITIVE_INFINITY : termsNow().now() + termsNow().keepMs
  }

  function replacePulled(list: readonly Revocation[]): boolean {
    if (pushed.size + list.length > termsNow().maxEntries) prune()
    if (pushed.size + list.length > termsNow().maxEntries) return false
    pulled.index = emptyIndex()
    pulled.size = list.filter((revocation) => keep(pulled.index, revocation, Number.POSITIVE_INFINITY)).length
    return true
  }

  function prune(): void {
    const nowMs = termsNow().now()
    for (const values of Object.values(pushed.index))
      for (const [value, kept] of values) {
        const left = kept.filter(({ untilMs }) => untilMs > nowMs)
        pushed.size -= kept.length - left.length
        if (left.length === 0) values.delete(value)
        else if (left.length < kept.length) values.set(value, left)
      }
  }

  return {
    push,
    replacePulled,
    prune,
    pushed: () =>
      Object.values(pushed.index).flatMap((values) => [...values.values()].flatMap((kept) => kept.map(({ revocation }) => revocation))),
    match: (bearer) => find(pushed.index, bearer) ?? find(pulled.index, bearer),
    get size() {
      return pushed.size + pulled.size
    },
  }
}

function emptyIndex(): Index {
  return { jti: new Map(), sub: new Map(), tenant: new Map(), kid: new Map() }
}

/** True when it is one more. The same thing said again lives on from now. */
function keep(index: Index, revocation: Revocation, untilMs: number): boolean {
  const { subject, value, issuer, before } = revocation
  const kept = index[subject].get(value) ?? []
  const others = kept.filter(({ revocation: old }) => old.issuer !== issuer || old.before !== before)
  index[subject].set(value, [...others, { revocation, untilMs }])
  return others.length === kept.length
}

function find(index: Index, bearer: Bearer): Revocation | null {
  for (const subject of subjects) {
    const value = valueOf(subject, bearer)
    const kept = value === undefined ? undefined : index[subject].get(value)
    const found = kept?.find(({ revocation }) => concerns(revocation, bearer))
    if (found !== undefined) return found.revocation
  }
  return null
}

function valueOf(subject: Subject, { claims, keyId }: Bearer): string | undefined {
  if (subject === 'kid') return keyId
  const value = claims.get(subject === 'tenant' ? 'tenant_id' : subject)
  return typeof value === 'string' ? value : undefined
}

/** A token that does not say when it was issued cannot show that it is younger. */
function concerns({ issuer, before }: Revocation, bearer: Bearer): boolean {
  if (issuer !== undefined && issuer !== bearer.issuer) return false
  const issued = bearer.claims.get('iat')
  return before === undefined || typeof issued !== 'number' || issued <= before
}
