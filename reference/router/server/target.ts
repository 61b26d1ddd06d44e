/** Where a server connection leads, and as whom. */

export interface ServerTls {
  /** File (PEM) of the authority that signed its certificate. */
  readonly ca: string
  /** The name its certificate must be for, if not the host. */
  readonly serverName?: string | undefined
}

export interface ServerTarget {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
  /** Undefined: in the clear. */
  readonly tls?: ServerTls | undefined
}

export const placeOf = (target: ServerTarget): string => `${target.host}:${target.port}/${target.database}`
