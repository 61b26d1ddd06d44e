/** Files named in the configuration are looked for beside it. */
import type { GatewayConfig } from './config.ts'
import type { PullConfig } from './revocation-pull.ts'

type LeaseStore = NonNullable<GatewayConfig['leaseStore']>
type Near = (path: string) => string
type Issuer = GatewayConfig['issuers'][number]

export function nearRevocation(revocation: GatewayConfig['revocation'], near: Near): GatewayConfig['revocation'] {
  const { push, pull } = revocation
  return {
    ...revocation,
    ...(push === undefined ? {} : { push: { secretFile: near(push.secretFile) } }),
    ...(pull === undefined ? {} : { pull: nearPull(pull, near) }),
  }
}

function nearPull(pull: PullConfig, near: Near): PullConfig {
  const files = (['file', 'secretFile', 'ca'] as const).flatMap((key) => (pull[key] === undefined ? [] : [[key, near(pull[key])]]))
  return { ...pull, ...Object.fromEntries(files) }
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

export function nearTls(tls: NonNullable<GatewayConfig['tls']>, near: Near): NonNullable<GatewayConfig['tls']> {
  const { clientCa, clientCrl } = tls
  const clients = { ...(clientCa && { clientCa: near(clientCa) }), ...(clientCrl && { clientCrl: near(clientCrl) }) }
  return { ...tls, cert: near(tls.cert), key: near(tls.key), ...clients }
}

export function nearLeaseStore(store: LeaseStore, near: Near): LeaseStore {
  const { passwordFile, tls } = store
  return {
    ...store,
    ...(passwordFile === undefined ? {} : { passwordFile: near(passwordFile) }),
    ...(tls === undefined || tls === 'off' ? {} : { tls: { ...tls, ca: near(tls.ca) } }),
  }
}
