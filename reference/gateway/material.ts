/** Everything the configuration refers to, read and made ready: keys, certificate, seal. */
import type { SecureContext } from 'node:tls'
import type { RoleCredential } from './admission.ts'
import { readText } from './config-file.ts'
import type { GatewayConfig } from './config.ts'
import type { Place } from './host-name.ts'
import { readIssuer } from './key-config.ts'
import type { TrustedIssuer } from './keyring.ts'
import { readRoutes } from './route-material.ts'
import type { RouteMap } from './routes.ts'
import type { ClaimsSeal } from './session-claims.ts'
import { readPushAccess } from './standing-config.ts'
import type { PushAccess } from './revocation-push.ts'
import type { ControlPlane } from './wake/control-plane.ts'
import { readControlPlane } from './wake/material.ts'
import type { TlsPolicy } from './tls.ts'

export interface Material {
  readonly issuers: readonly TrustedIssuer[]
  readonly secureContext: SecureContext | null
  readonly pushAccess: PushAccess | null
  readonly seal: Omit<ClaimsSeal, keyof Place>
  readonly routes: RouteMap
  readonly controlPlane: ControlPlane | null
  readonly roles: readonly RoleCredential[]
}

/** Throws a ConfigError for a file that is not there or not what it should be. */
export async function readMaterial(config: GatewayConfig, tls: TlsPolicy): Promise<Material> {
  const { keyId, key, permissionsFrom } = config.claims
  return {
    issuers: config.issuers.map(readIssuer),
    secureContext: readTls(config, tls),
    seal: { keyId, key: Buffer.from(key, 'base64'), permissionsFrom },
    routes: readRoutes(config),
    controlPlane: readControlPlane(config.wake),
    pushAccess: readPushAccess(config),
    roles: config.roles.map((role) => ({ ...role, saltedCache: new Map<string, Promise<Buffer>>() })),
  }
}

function readTls({ tls: files }: GatewayConfig, tls: TlsPolicy): SecureContext | null {
  if (files === undefined) return null
  const { cert, key, clientCa, clientCrl } = files
  const clients = clientCa === undefined ? undefined : { ca: readText(clientCa), ...(clientCrl && { crl: readText(clientCrl) }) }
  return tls.makeContext(readText(cert), readText(key), clients)
}
