/** Presents tokens at the front door one after another, and says what must have come of all of them. */
import { createPrivateKey, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { Stack } from '../../stack/stack.ts'
import type { Trial } from '../kit.ts'
import type { Attempt, AttemptOptions } from '../kit/gateway.ts'

export type Ways = Pick<Trial<'JWT-011'>, 'stack' | 'gateway' | 'mint'>
export type Verdicts = readonly { readonly what: string; readonly attempt: Attempt }[]

/** Each token by the words that say what is special about it. */
export async function present(
  { gateway }: Pick<Ways, 'gateway'>,
  tokens: Readonly<Record<string, string>>,
  options: AttemptOptions = {},
): Promise<Verdicts> {
  const verdicts = []
  for (const [what, token] of Object.entries(tokens)) verdicts.push({ what, attempt: await gateway.attempt(token, options) })
  return verdicts
}

/** Refused as an identity, before anything reached the pooler. */
export function expectRefused(verdicts: Verdicts, stack: Stack): void {
  for (const { what, attempt } of verdicts) {
    expect(attempt.ok, `${what}: the login`).toBe(false)
    expect(attempt.sqlstate ?? 'none', `${what}: SQLSTATE (${attempt.message})`).toMatch(/^28/)
    if (stack.can('links').here) expect(attempt.backendsOpened, `${what}: connections that reached the pooler`).toBe(0)
  }
}

/** Refused as an identity: FATAL, 28000, and by the same words all of them. */
export function expectFatal(verdicts: Verdicts): void {
  for (const { what, attempt } of verdicts)
    expect([attempt.ok, attempt.severity, attempt.sqlstate], `${what}: ${attempt.message}`).toEqual([false, 'FATAL', '28000'])
}

export function expectAccepted(verdicts: Verdicts): void {
  for (const { what, attempt } of verdicts) expect([attempt.ok, attempt.message], what).toEqual([true, undefined])
}

export function expectReason(verdicts: Verdicts, reason: string): void {
  for (const { what, attempt } of verdicts) {
    expect([attempt.audit?.outcome, attempt.audit?.reason], `${what}: outcome and reason in the login record`).toEqual(['refused', reason])
  }
}

export const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
export const encodeText = (text: string): string => Buffer.from(text).toString('base64url')
export const partsOf = (token: string): [string, string, string] => token.split('.') as [string, string, string]

/** A signature by the issuer's own key over whatever text: only a reader who is strict refuses what it is under. */
export function signByIssuer({ issuer }: Stack, input: string): string {
  const key = createPrivateKey(readFileSync(issuer.privateKeyFile, 'utf8'))
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`
}
