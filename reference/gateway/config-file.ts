/** Reads the configuration file and says what is wrong with it by file, line and key. */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { ConfigError } from './config-error.ts'
import { nearIssuer, nearLeaseStore, nearRevocation, nearTls } from './near-files.ts'
import { configSchema, findUnsafe, type GatewayConfig } from './config.ts'
import { withPaths } from './route-config.ts'
import { parseByLine } from './strict-yaml.ts'
import { withWakePaths } from './wake/config.ts'

/** Paths inside are taken relative to the file. Throws a ConfigError that lists everything wrong, a line each. */
export function loadConfig(file: string): GatewayConfig {
  const config = parseConfig(readText(file), file)
  const near = (path: string) => resolve(dirname(file), path)
  return {
    ...withWakePaths(withPaths(config, near), near),
    ...(config.tls === undefined ? {} : { tls: nearTls(config.tls, near) }),
    audit: { ...config.audit, ...(config.audit.file && { file: near(config.audit.file) }) },
    revocation: nearRevocation(config.revocation, near),
    ...(config.leaseStore === undefined ? {} : { leaseStore: nearLeaseStore(config.leaseStore, near) }),
    issuers: config.issuers.map((issuer) => nearIssuer(issuer, near)),
  }
}

/** A file named in the configuration. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new ConfigError(`${file}: cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`)
  }
}

export function parseConfig(text: string, file: string): GatewayConfig {
  return parseByLine(text, file, configSchema, findUnsafe)
}
