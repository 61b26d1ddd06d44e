/** Files named in the configuration are looked for beside it. */
import type { GatewayConfig } from './config.ts'

type Near = (path: string) => string
type Issuer = GatewayConfig['issuers'][number]

export function nearRevocation(revocation: GatewayConfig['revocation'], near: Near): GatewayConfig['revocation'] {
  const { push } = revocation
  if (push === undefined) return revocation
  return { ...revocation, push: { ...push, secretFile: near(push.secretFile) } }
}

export function nearIssuer(issuer: Issuer, near: Near): Issuer {
  const { keys, jwks, sharedSecrets } = issuer
  return {
    ...issuer,
    keys: keys.map((key) => ({ ...key, publicKey: near(key.publicKey) })),
    sharedSecrets: sharedSecrets.map(({ id, file }) => ({ id, file: near(file) })),
    ...(jwks?.ca === undefined ? {} : { jwks: { ...jwks, ca: near(jwks.ca) } }),
  }
}
