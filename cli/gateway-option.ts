/** Reads and writes `--gateway`: `exec:<command>` starts one, `host:port` is one that stands already. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { places, type AddressGateway, type CommandGateway, type ForeignGateway } from '../stack/foreign/foreign-gateway.ts'
import { nearest } from '../spec/nearest.ts'
import { UsageError } from './usage.ts'

export interface RawGateway {
  readonly gateway?: string
  readonly gatewayTemplate?: string
  readonly signingKey?: string
  readonly keyId?: string
  readonly issuer?: string
  readonly audience?: string
  readonly ca?: string
  readonly metricsUrl?: string
}

const ofAddress = ['signingKey', 'keyId', 'issuer', 'audience', 'ca', 'metricsUrl'] as const

export function readGateway(raw: RawGateway, cwd = process.env['INIT_CWD'] ?? process.cwd()): ForeignGateway | null {
  const { gateway } = raw
  const stray = (['gatewayTemplate', ...ofAddress] as const).find((name) => raw[name] !== undefined)
  if (gateway === undefined) {
    if (stray !== undefined) throw new UsageError(`${flagOf(stray)} says something of a foreign gateway, and none is named: add --gateway`)
    return null
  }
  return gateway.startsWith('exec:') ? readCommand(gateway.slice('exec:'.length), raw, cwd) : readAddress(gateway, raw, cwd)
}

function readCommand(command: string, raw: RawGateway, cwd: string): CommandGateway {
  const alien = ofAddress.find((name) => raw[name] !== undefined)
  if (alien !== undefined) throw new UsageError(`${flagOf(alien)} is for --gateway host:port: a command gets these by its places`)
  if (command.trim() === '') throw new UsageError('--gateway exec: names no command: write it like exec:./gateway --listen {listen}')
  for (const [, name = ''] of command.matchAll(/\{([A-Za-z]+)\}/g)) refuseUnknownPlace(name)
  const template = raw.gatewayTemplate === undefined ? null : fileAt(raw.gatewayTemplate, 'gatewayTemplate', cwd)
  return { kind: 'exec', command, cwd, template }
}

function refuseUnknownPlace(name: string): void {
  if (name in places) return
  const near = nearest(name, Object.keys(places))
  throw new UsageError(
    `--gateway: there is no {${name}}: ${near === null ? `known are ${Object.keys(places).join(', ')}` : `did you mean {${near}}?`}`,
  )
}

function readAddress(text: string, raw: RawGateway, cwd: string): AddressGateway {
  const [, host = '', port = ''] = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(text) ?? []
  if (host === '' || Number(port) > 65_535) throw new UsageError(`--gateway ${text}: exec:<command> or host:port is wanted`)
  if (raw.gatewayTemplate !== undefined) throw new UsageError('--gateway-template is for --gateway exec:<command>')
  if (raw.signingKey === undefined)
    throw new UsageError(`--gateway ${text}: name the key its tokens are signed with by --signing-key <file>`)
  return {
    kind: 'address',
    host,
    port: Number(port),
    signingKey: fileAt(raw.signingKey, 'signingKey', cwd),
    keyId: raw.keyId ?? 'k1',
    issuer: raw.issuer ?? 'https://issuer.orochi.test',
    audience: raw.audience ?? 'orochi',
    ca: raw.ca === undefined ? null : fileAt(raw.ca, 'ca', cwd),
    metricsUrl: raw.metricsUrl === undefined ? null : urlOf(raw.metricsUrl),
  }
}

function fileAt(path: string, name: keyof RawGateway, cwd: string): string {
  const file = resolve(cwd, path)
  if (!existsSync(file)) throw new UsageError(`${flagOf(name)} ${path}: there is no such file`)
  return file
}

function urlOf(text: string): string {
  if (!URL.canParse(text) || !text.startsWith('http://') || new URL(text).pathname !== '/metrics')
    throw new UsageError(`--metrics-url ${text}: it must look like http://host:port/metrics`)
  return text
}

const flagOf = (name: string): string => `--${name.replaceAll(/([A-Z])/g, '-$1').toLowerCase()}`

/** The options that read back as this gateway. */
export function writeGateway(gateway: ForeignGateway, quote: (text: string) => string): string[] {
  if (gateway.kind === 'exec')
    return [
      `--gateway ${quote(`exec:${gateway.command}`)}`,
      ...(gateway.template === null ? [] : [`--gateway-template ${quote(gateway.template)}`]),
    ]
  return [
    `--gateway ${quote(`${gateway.host}:${gateway.port}`)}`,
    ...ofAddress.flatMap((name) => (gateway[name] === null ? [] : [`${flagOf(name)} ${quote(gateway[name])}`])),
  ]
}
