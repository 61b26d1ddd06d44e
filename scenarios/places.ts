/** The ways into a system: its gateways, as clients with a tenant's token see them. */
import { readFileSync } from 'node:fs'
import { mint as mintToken, type Overrides } from '../fixtures/tokens.ts'
import { mainPort } from '../stack/layout.ts'
import type { Stack } from '../stack/stack.ts'
import type { Place } from './client/client.ts'

export type Mint = (overrides?: Overrides) => Promise<string>

/** Signs as the stack's own issuer. */
export function minter({ issuer }: Stack): Mint {
  const { privateKeyFile, ...rest } = issuer
  return (overrides) => mintToken({ ...rest, privateKeyPem: readFileSync(privateKeyFile, 'utf8') }, overrides)
}

/** One place for each gateway; a client's token is minted once. */
export function placesFor(stack: Stack, mint: Mint): (tenant: string) => readonly Place[] {
  const tokens = new Map<string, Promise<string>>()
  const tokenOf = (tenant: string) => {
    const token = tokens.get(tenant) ?? mint({ claims: { tenant_id: tenant } })
    tokens.set(tenant, token)
    return token
  }
  const { database, ca, servername, tls } = stack.door
  return (tenant) =>
    stack.parts('gateway').map((gateway) => ({
      instance: gateway.name,
      async config() {
        const ssl = tls ? { ca, servername } : false
        return { ...mainPort(gateway), user: stack.role, password: await tokenOf(tenant), database, ssl }
      },
    }))
}
