/** Everything secret of one stack, made anew for it: passwords, keys and certificates. */
import { randomBytes } from 'node:crypto'
import { makeAuthority, type Authority } from '../fixtures/certificates.ts'
import { makeKeyPair, type KeyPair } from '../fixtures/keys.ts'

export interface StackSecrets {
  readonly authority: Authority
  /** The key that tokens are signed with. */
  readonly keys: KeyPair
  readonly appPassword: string
  /** Of every pooled role beyond the common one. */
  readonly poolPassword: string
  readonly adminPassword: string
  readonly superuserPassword: string
  readonly replicationPassword: string
  readonly leasePassword: string
  /** What gateways are known by at the control plane. */
  readonly planeToken: string
  /** The key that the gateway signs claims with, and the database verifies them with. */
  readonly claims: { readonly keyId: string; readonly key: Buffer; readonly cluster: string }
  readonly issuer: { readonly issuer: string; readonly audience: string; readonly keyId: string }
}

const newPassword = () => randomBytes(24).toString('base64url')

export async function makeSecrets(): Promise<StackSecrets> {
  const [authority, keys] = await Promise.all([makeAuthority(), makeKeyPair()])
  return {
    authority,
    keys,
    appPassword: newPassword(),
    poolPassword: newPassword(),
    adminPassword: newPassword(),
    superuserPassword: newPassword(),
    replicationPassword: newPassword(),
    leasePassword: newPassword(),
    planeToken: newPassword(),
    claims: { keyId: 'c1', key: randomBytes(32), cluster: 'local' },
    issuer: { issuer: 'https://issuer.orochi.test', audience: 'orochi', keyId: 'k1' },
  }
}

/** Every text of a stack that must never show anywhere. */
export function secretTexts(secrets: StackSecrets): readonly string[] {
  const { appPassword, poolPassword, adminPassword, superuserPassword, replicationPassword, leasePassword, planeToken, claims } = secrets
  return [
    appPassword,
    poolPassword,
    adminPassword,
    superuserPassword,
    replicationPassword,
    leasePassword,
    planeToken,
    claims.key.toString('base64'),
  ]
}
