/** What ends a token before its time, as it was configured: which settings are unsafe, and what the rest of it needs. */
import { readText } from './config-file.ts'
import { ConfigError } from './config-error.ts'
import type { GatewayConfig, Objection } from './config.ts'
import { urlFault } from './fetch-reach.ts'
import type { PullConfig } from './revocation-pull.ts'
import type { PushAccess } from './revocation-push.ts'
import type { StandingTerms } from './standing.ts'

/** What is well formed and still must not run. */
export function unsafeStanding({ operations, tokens, workers, revocation: { push, pull } }: GatewayConfig): Objection[] {
  const objections: Objection[] = []
  const object = (path: readonly PropertyKey[], message: string) => objections.push({ path, message })
  if (push !== undefined && operations === undefined)
    object(['revocation', 'push'], 'there is no operations port to push to: add an operations section')
  if (push !== undefined && tokens.maxLifetimeSeconds === undefined)
    object(['tokens', 'maxLifetimeSeconds'], 'must be set where revocations are pushed: it says how long they must be remembered')
  if (tokens.singleUse !== undefined && !tokens.requiredClaims.includes('jti'))
    object(['tokens', 'requiredClaims'], 'jti must be required where tokens are for single use: add it to the list')
  if (tokens.singleUse !== undefined && workers.count > 1)
    object(['tokens', 'singleUse'], 'each worker process would let a token in once: leave it out, or set workers.count to 1')
  if (pull !== undefined) for (const objection of unsafePull(pull)) objections.push(objection)
  return objections
}

function unsafePull({ url, file, privateNetwork, intervalSeconds, maxStaleSeconds }: PullConfig): Objection[] {
  const at = (key: string, message: string) => [{ path: ['revocation', 'pull', key], message }]
  if ((url === undefined) === (file === undefined)) return at('url', 'the list comes from one place: give a url or a file')
  const fault = url === undefined ? null : urlFault(url, privateNetwork)
  if (fault !== null) return at('url', fault)
  return intervalSeconds > maxStaleSeconds ? at('maxStaleSeconds', 'must not be shorter than intervalSeconds') : []
}

const minSecretBytes = 32

/** Null: nobody may push revocations. */
export function readPushAccess({ revocation: { push } }: GatewayConfig): PushAccess | null {
  if (push === undefined) return null
  const secret = Buffer.from(readText(push.secretFile).trim())
  if (secret.length >= minSecretBytes) return { secret }
  throw new ConfigError(`${push.secretFile}: a secret has at least ${minSecretBytes} characters (openssl rand -base64 32)`)
}

export function standingTerms({ tokens, revocation: { maxEntries }, sessions: ends }: GatewayConfig, now: () => number): StandingTerms {
  const keepSeconds = (tokens.maxLifetimeSeconds ?? 0) + 2 * tokens.leewaySeconds
  return {
    revocation: { maxEntries, keepMs: keepSeconds * 1000, now },
    expiry: { atExpiry: ends.atExpiry, graceMs: ends.graceSeconds * 1000 },
    singleUse: tokens.singleUse === undefined ? null : { ...tokens.singleUse, now },
    now,
  }
}
