/** Cancel keys that carry their own meaning, sealed: any gateway with the same key can serve them, and nobody can read or make one. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { CancelRoute } from './cancel-route.ts'

/** What a client may be given at most. */
const maxKeyBytes = 256
const version = 1
const [ivBytes, tagBytes] = [12, 16]
const cipher = 'aes-256-gcm'

export interface SealedRoute extends CancelRoute {
  /** The process that gave it out. */
  readonly by: string
  /** Wall clock, ms. */
  readonly until: number
}

type Fields = [pooler: string, processId: number, secret: string, tenant: string, session: string, by: string, until: number]

/** Derived, so that a secret that is there for something else is never used for two things. */
export function deriveSealingKey(secret: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), 'orochi-gateway cancel keys', 32))
}

/** Null when there is too much to say for a key of 256 bytes. It is good with this process id only. */
export function seal({ pooler, processId, secret, tenant, session, by, until }: SealedRoute, forId: number, key: Buffer): Buffer | null {
  const text = JSON.stringify([pooler, processId, secret.toString('base64url'), tenant, session, by, until])
  const iv = randomBytes(ivBytes)
  const sealing = createCipheriv(cipher, key, iv).setAAD(aad(forId))
  const sealed = Buffer.concat([Buffer.from([version]), iv, sealing.update(text), sealing.final(), sealing.getAuthTag()])
  return sealed.length <= maxKeyBytes ? sealed : null
}

/** Null for whatever was not sealed by that key for that process id. */
export function unseal(sealed: Buffer, forId: number, key: Buffer): SealedRoute | null {
  if (sealed[0] !== version || sealed.length <= 1 + ivBytes + tagBytes) return null
  const iv = sealed.subarray(1, 1 + ivBytes)
  const opening = createDecipheriv(cipher, key, iv, { authTagLength: tagBytes }).setAAD(aad(forId)).setAuthTag(sealed.subarray(-tagBytes))
  try {
    const text = Buffer.concat([opening.update(sealed.subarray(1 + ivBytes, -tagBytes)), opening.final()]).toString()
    const [pooler, processId, secret, tenant, session, by, until] = JSON.parse(text) as Fields
    return { pooler, processId, secret: Buffer.from(secret, 'base64url'), tenant, session, by, until }
  } catch {
    return null
  }
}

function aad(processId: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(processId)
  return bytes
}
