/** Tokens for a system that is up. */
import { readFileSync } from 'node:fs'
import type { Kept } from '../stack/keep.ts'
import { mintFrom } from '../stack/keep.ts'

export interface TokenWish {
  readonly tenant: string
  readonly ttlSeconds: number
  readonly claims: Readonly<Record<string, unknown>>
}

export function mintFor(kept: Kept, { tenant, ttlSeconds, claims }: TokenWish): Promise<string> {
  return mintFrom(kept.issuer, readFileSync(kept.issuer.privateKeyFile, 'utf8'), { ttlSeconds, claims: { tenant_id: tenant, ...claims } })
}
