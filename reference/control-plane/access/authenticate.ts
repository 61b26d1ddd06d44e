/** Who asks, and what they may ask for: by the rules that the gateway has for tokens, and the internal interface by a credential of its own. */
import { hash, timingSafeEqual } from 'node:crypto'
import { readText } from '../../gateway/config-file.ts'
import { ConfigError } from '../../gateway/config-error.ts'
import { checkHeader } from '../../gateway/header.ts'
import { readIssuer } from '../../gateway/key-config.ts'
import { checkSignature, selectKey } from '../../gateway/keyring.ts'
import { permissionsOf } from '../../gateway/permissions.ts'
import { Refusal } from '../../gateway/reasons.ts'
import { rules } from '../../gateway/rules.ts'
import { makeTokenCache } from '../../gateway/token-cache.ts'
import { decodeToken } from '../../gateway/token.ts'
import { textOf, verifyToken, type VerifiedToken } from '../../gateway/verify.ts'
import type { ControlPlaneConfig } from '../config.ts'

/** `internal`: for the gateway alone. */
export type Wanted = 'read' | 'admin' | 'internal'

export interface Principal {
  readonly subject: string
  /** Null: all clusters. */
  readonly cluster: string | null
  /** From then on (ms since 1970) it is nobody any more. */
  readonly endMs: number
}

export class Denied extends Error {
  /** 401: not known who asks; 403: known, and may not. */
  readonly status: 401 | 403
  /** For the audit log, not for strangers. */
  readonly reason: string
  readonly subject: string | null

  constructor(status: 401 | 403, reason: string, subject: string | null = null) {
    super(reason)
    this.name = 'Denied'
    this.status = status
    this.reason = reason
    this.subject = subject
  }
}

/** Throws a Denied. `cluster` is the one it is about; null: about several. */
export type Authenticate = (authorization: string | undefined, wanted: Wanted, cluster: string | null) => Promise<Principal>

/** Throws a ConfigError for a file that is not there or not what it should be. */
export function makeAuthenticate({ issuers, tokens, internal }: ControlPlaneConfig, now: () => number): Authenticate {
  const trusted = issuers.map(readIssuer)
  const { cache: size, ...demands } = tokens
  const cache = makeTokenCache<VerifiedToken>({ ...size, now, onHit: () => {}, onMiss: () => {} })
  const checks = { decode: decodeToken, checkHeader, selectKey, checkSignature, rules }
  const verify = (token: string) => cache.get(token, () => verifyToken(token, { issuers: trusted, ...demands }, checks, now, () => {}))
  const credential = internal === undefined ? null : digest(readToken(internal.tokenFile))

  return async (authorization, wanted, cluster) => {
    const token = bearerOf(authorization)
    if (wanted === 'internal') return judgeInternal(token, credential)
    const { claims, endMs } = await verify(token).catch((cause: unknown) => {
      throw cause instanceof Refusal ? new Denied(401, cause.reason) : cause
    })
    const subject = textOf(claims, 'sub') ?? ''
    const held = permissionsOf(claims, tokens.permissionsFrom) ?? []
    const needed = wanted === 'read' ? [tokens.readPermission, tokens.adminPermission] : [tokens.adminPermission]
    if (!needed.some((permission) => held.includes(permission))) throw new Denied(403, 'permission_missing', subject)
    const own = textOf(claims, 'cluster_id') ?? null
    if (own !== null && cluster !== null && own !== cluster) throw new Denied(403, 'other_cluster', subject)
    return { subject, cluster: own, endMs }
  }
}

function bearerOf(authorization: string | undefined): string {
  const [, token] = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization ?? '') ?? []
  if (token === undefined)
    throw new Denied(401, authorization === undefined || authorization === '' ? 'no_token' : 'malformed_authorization')
  return token
}

function judgeInternal(token: string, credential: Buffer | null): Principal {
  if (credential === null || !timingSafeEqual(digest(token), credential)) throw new Denied(401, 'wrong_credential')
  return { subject: 'gateway', cluster: null, endMs: Number.POSITIVE_INFINITY }
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}

function readToken(file: string): string {
  const token = readText(file).trim()
  if (!/^[\x21-\x7e]{16,8192}$/.test(token)) throw new ConfigError(`${file}: is not one token of 16 characters or more in one line`)
  return token
}
