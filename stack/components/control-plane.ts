/** The reference control plane as a part: its YAML, its store and its credentials; its commands act on the stack. */
import { resolve } from 'node:path'
import { stringify } from 'yaml'
import type { Address, Launch } from '../launch.ts'
import { referenceVersion } from './reference.ts'

export interface ControlPlanePlan {
  readonly issuer: { readonly issuer: string; readonly audience: string; readonly keyId: string; readonly publicKeyPem: string }
  /** What gateways are known by. */
  readonly credential: string
  /** Each has a password. */
  readonly servers: readonly string[]
  readonly poolers: readonly { readonly name: string; readonly url: string; readonly metrics: string; readonly admin?: string }[]
  readonly platform: { readonly address: Address; readonly secret: string }
  readonly program: string | null
}

export const controlPlaneName = 'control-plane-0'

const program = 'reference/control-plane/bin.ts'
const tell = resolve(import.meta.dirname, '..', 'control-plane', 'tell.ts')

export function controlPlaneLaunch(plan: ControlPlanePlan): Launch {
  return {
    name: controlPlaneName,
    kind: 'control-plane',
    version: referenceVersion('control-plane', plan.program),
    process: {
      program: { node: plan.program ?? program },
      argv: ['--config', '{file:control-plane.yaml}'],
      prepared: null,
      unprivileged: false,
      sign: null,
    },
    container: null,
    env: {},
    files: [
      { name: 'control-plane.yaml', content: controlPlaneYaml(plan), mode: 0o600 },
      { name: 'issuer.pem', content: plan.issuer.publicKeyPem, mode: 0o644 },
      { name: 'gateway.token', content: plan.credential, mode: 0o600 },
    ],
    ports: { main: 8080, operations: 9092 },
    ready: { kind: 'http', port: 'operations', path: '/ready' },
    startLimit: 'part-start',
    stop: { signal: 'SIGTERM', graceMs: 6_000 },
    clock: true,
    offers: ['control-plane'],
  }
}

/** Ports are placeholders, which YAML would quote: they are put in after it is written. */
function controlPlaneYaml({ issuer, servers, poolers, platform }: ControlPlanePlan): string {
  const command = (verb: string) => ({
    argv: [process.execPath, tell, `${platform.address.host}:${platform.address.port}`, verb, '{cluster}'],
    timeoutMs: 60_000,
  })
  const document = {
    listen: { host: '127.0.0.1', port: 0 },
    operations: { host: '127.0.0.1', port: 1 },
    store: { kind: 'sqlite', path: '{dir}/clusters.db' },
    driver: {
      kind: 'exec',
      clusters: { default: { servers, poolers, commands: { start: command('start'), stop: command('stop') } } },
      environment: { OROCHI_PLATFORM_SECRET: platform.secret },
    },
    issuers: [
      {
        issuer: issuer.issuer,
        audience: issuer.audience,
        keys: [{ id: issuer.keyId, algorithm: 'RS256', publicKey: '{file:issuer.pem}' }],
      },
    ],
    internal: { tokenFile: '{file:gateway.token}' },
    // An order that the platform refuses is known as refused before it is answered.
    times: { pollMs: 20, acceptMs: 5_000, coolDownMs: 200, leadMs: 500 },
    log: { level: 'debug' },
  }
  return stringify(document, { lineWidth: 0 }).replace('port: 0', 'port: {port:main}').replace('port: 1', 'port: {port:operations}')
}
