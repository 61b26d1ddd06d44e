/** Files named in the configuration are looked for beside it. */
import type { GatewayConfig } from './config.ts'

type Near = (path: string) => string

export function nearRevocation(revocation: GatewayConfig['revocation'], near: Near): GatewayConfig['revocation'] {
  const { push } = revocation
  if (push === undefined) return revocation
  return { ...revocation, push: { ...push, secretFile: near(push.secretFile) } }
}
