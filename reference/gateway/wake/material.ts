/** The waker of a configuration, its token and authority read. */
import type { Registry } from 'prom-client'
import { ConfigError } from '../config-error.ts'
import { readText } from '../config-file.ts'
import type { WakeConfig } from './config.ts'
import { openControlPlane, type ControlPlane } from './control-plane.ts'
import { makeWakeMetrics } from './metrics.ts'
import type { WakerTerms } from './waker.ts'

/** Each question to the control plane ends within that. */
const questionTimeoutMs = 5000

/** Null when nothing is ever woken. Throws a ConfigError for a file that is not there or not what it should be. */
export function readControlPlane(wake: WakeConfig | undefined): ControlPlane | null {
  if (wake === undefined) return null
  const { controlPlane: base, ca, tokenFile } = wake
  return openControlPlane({
    base,
    ca: ca === undefined ? null : readText(ca),
    token: tokenFile === undefined ? null : readToken(tokenFile),
    timeoutMs: questionTimeoutMs,
  })
}

export function wakerTerms(wake: WakeConfig | undefined, controlPlane: ControlPlane | null, registry: Registry): WakerTerms | null {
  return wake === undefined || controlPlane === null ? null : { ...wake, controlPlane, metrics: makeWakeMetrics(registry) }
}

function readToken(file: string): string {
  const token = readText(file).trim()
  if (!/^[\x21-\x7e]{1,8192}$/.test(token)) throw new ConfigError(`${file}: is not one token in one line`)
  return token
}
