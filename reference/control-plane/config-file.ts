/** Reads the configuration; files that it names are looked for beside it. */
import { dirname, resolve } from 'node:path'
import { readText } from '../gateway/config-file.ts'
import { nearIssuer } from '../gateway/near-files.ts'
import { parseByLine } from '../gateway/strict-yaml.ts'
import { configSchema, findUnsafe, type ControlPlaneConfig } from './config.ts'

/** Throws a ConfigError that lists everything wrong, a line each. */
export function loadConfig(file: string): ControlPlaneConfig {
  const config = parseConfig(readText(file), file)
  const near = (path: string) => resolve(dirname(file), path)
  const { tls, store, driver, internal, audit, issuers } = config
  return {
    ...config,
    ...(tls === undefined ? {} : { tls: { cert: near(tls.cert), key: near(tls.key) } }),
    store: store.kind === 'sqlite' ? { ...store, path: near(store.path) } : store,
    driver: driver.kind === 'kubernetes' && driver.kubeconfig !== undefined ? { ...driver, kubeconfig: near(driver.kubeconfig) } : driver,
    ...(internal === undefined ? {} : { internal: { tokenFile: near(internal.tokenFile) } }),
    audit: { ...audit, ...(audit.file === undefined ? {} : { file: near(audit.file) }) },
    issuers: issuers.map((issuer) => nearIssuer(issuer, near)),
  }
}

export function parseConfig(text: string, file: string): ControlPlaneConfig {
  return parseByLine(text, file, configSchema, findUnsafe)
}
