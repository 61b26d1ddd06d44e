/** One record for each login attempt: who, from where, how it ended and why. Never a token, never a password. */
import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { shown, shownName } from './log-text.ts'
import type { Reason, ReasonTable, Refusal } from './reasons.ts'
import { describe, type VerifiedToken } from './verify.ts'

/** What is known of an attempt so far; filled as it goes on. */
export interface Attempt {
  readonly session: string
  /** The peer, or whom it speaks for. */
  remote: string
  readonly startedAt: number
  /** Version of TLS, or null. */
  tls: string | null
  user?: string
  database?: string
}

export interface LoginRecord {
  readonly event: 'login'
  readonly outcome: 'accepted' | 'refused'
  readonly reason?: Reason
  readonly claim?: string
  readonly also?: readonly Reason[]
  readonly session: string
  readonly sub?: string
  readonly tenant?: string
  readonly issuer?: string
  readonly keyId?: string
  readonly user?: string
  readonly database?: string
  readonly remote: string
  readonly tls: string | null
  readonly detail?: string
  readonly parameter?: string
  readonly durationMs: number
}

export type Level = 'debug' | 'info' | 'warn' | 'error'

/** Where records go. */
export type Write = (level: Level, record: object, message: string) => void

export function beginAttempt(socket: Socket): Attempt {
  const { remoteAddress, remotePort } = socket
  return {
    session: randomBytes(8).toString('hex'),
    remote: `${remoteAddress ?? 'gone'}:${remotePort ?? 0}`,
    startedAt: performance.now(),
    tls: null,
  }
}

export function acceptedRecord(attempt: Attempt, token: VerifiedToken): LoginRecord {
  return {
    event: 'login',
    outcome: 'accepted',
    ...mapTexts(describe(token.claims), shown),
    issuer: token.issuer,
    keyId: token.keyId,
    ...of(attempt),
  }
}

export function refusedRecord(attempt: Attempt, { reason, notes }: Refusal): LoginRecord {
  const { claim, also, sub, tenant, issuer, detail, parameter } = notes
  return {
    event: 'login',
    outcome: 'refused',
    reason,
    ...mapTexts({ claim, sub, tenant, issuer, detail }, shown),
    ...mapTexts({ parameter }, shownName),
    ...(also ? { also } : {}),
    ...of(attempt),
  }
}

export function levelOf(reason: Reason, table: ReasonTable): Level {
  return table[reason].level
}

function of(attempt: Attempt): Pick<LoginRecord, 'session' | 'user' | 'database' | 'remote' | 'tls' | 'durationMs'> {
  const { session, remote, tls, user, database, startedAt } = attempt
  const durationMs = Math.round((performance.now() - startedAt) * 10) / 10
  return { session, ...mapTexts({ user, database }, shownName), remote, tls, durationMs }
}

function mapTexts(texts: Readonly<Record<string, string | undefined>>, change: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).flatMap(([name, text]) => (text === undefined ? [] : [[name, change(text)]])))
}
