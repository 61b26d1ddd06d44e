/** Where a server connection leads, and as whom. */

export interface ServerTarget {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
}

export const placeOf = (target: ServerTarget): string => `${target.host}:${target.port}/${target.database}`
