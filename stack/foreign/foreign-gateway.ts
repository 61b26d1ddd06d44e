/** A gateway that is not ours, as plain data: a command that starts it, or where it already listens. */

/** Started by us, with places to fill in. */
export interface CommandGateway {
  readonly kind: 'exec'
  /** One command for a shell; `{listen}` and its like are filled in. */
  readonly command: string
  /** Where relative paths count from. */
  readonly cwd: string
  /** A file that is filled in too; its path is `{template}`. */
  readonly template: string | null
}

/** Somebody else's, already running. */
export interface AddressGateway {
  readonly kind: 'address'
  readonly host: string
  readonly port: number
  /** PEM file of the key that tokens are signed with. */
  readonly signingKey: string
  readonly keyId: string
  readonly issuer: string
  readonly audience: string
  /** PEM file of the authority that signed its certificate; null: it talks without TLS. */
  readonly ca: string | null
  readonly metricsUrl: string | null
}

export type ForeignGateway = CommandGateway | AddressGateway

/** Every place that can be filled in, and what for. */
export const places = {
  listen: 'host:port to listen on',
  listenHost: 'the host of it',
  listenPort: 'the port of it',
  operations: 'host:port for health and metrics, if it has any',
  operationsPort: 'the port of it',
  upstreamHost: 'the pooler',
  upstreamPort: 'its port',
  upstreamDatabase: 'the database there',
  upstreamUser: 'the role whose connections are pooled',
  upstreamPassword: 'its password',
  issuer: 'what `iss` must be',
  audience: 'what `aud` must be',
  keyId: 'the `kid` of the key',
  publicKeyFile: 'the key, PEM',
  jwksUrl: 'the key as a JWK set, over plain HTTP',
  role: 'the role that tokens name',
  claimsKey: 'the key that claims are signed with, base64',
  claimsKeyId: 'its name',
  certFile: 'the certificate, PEM',
  keyFile: 'its key, PEM',
  caFile: 'the authority that signed it, PEM',
  template: 'the filled-in template file',
} as const

export type Place = keyof typeof places
export type Filling = Readonly<Record<Place, string>>

/** Fills in `{name}` for every place; other braces are left alone. */
export function fillIn(text: string, filling: Filling): string {
  return text.replaceAll(/\{([A-Za-z]+)\}/g, (whole, name: string) => (name in filling ? filling[name as Place] : whole))
}

/** What the environment of the command holds besides: `OROCHI_GATEWAY_UPSTREAM_HOST` and so on. */
export function environmentOf(filling: Filling): Readonly<Record<string, string>> {
  const named = Object.entries(filling).map(([name, value]) => [
    `OROCHI_GATEWAY_${name.replaceAll(/([A-Z])/g, '_$1').toUpperCase()}`,
    value,
  ])
  return Object.fromEntries(named) as Record<string, string>
}

/** In one stable line, for plans and fingerprints. */
export function foreignText(gateway: ForeignGateway): string {
  return gateway.kind === 'exec'
    ? `exec:${gateway.command}${gateway.template === null ? '' : ` with ${gateway.template}`}`
    : `${gateway.host}:${gateway.port}`
}
