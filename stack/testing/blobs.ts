/** Signs claims as a gateway would, for tests of the database's side alone: made here, not by the code of the gateway. */
import { createHmac } from 'node:crypto'

export interface BlobKey {
  readonly keyId: string
  readonly key: Buffer
}

/** What a session of tenant-a with the pooled role is given, with some claims replaced; `undefined` takes one away. */
export function payloadOf(overrides: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const exp = Math.floor(Date.now() / 1000) + 600
  return { v: 1, sub: 'user-1', tenant_id: 'tenant-a', branch: 'main', cluster: 'local', role: 'orochi_app', exp, ...overrides }
}

export function blobOf(payload: object, { keyId, key }: BlobKey): string {
  const body = Buffer.from(JSON.stringify(payload)).toString('base64url')
  return JSON.stringify({ p: body, s: createHmac('sha256', key).update(body).digest('base64url'), k: keyId })
}
