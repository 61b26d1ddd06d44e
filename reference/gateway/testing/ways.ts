/** Ways to be refused: tokens that are not good, configurations that do not take good ones, upstreams that fail, crowds. */
import type { Duplex } from 'node:stream'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeStartup } from '../../wire/index.ts'
import { configSchema, type GatewayConfig } from '../config.ts'
import { makeToken, type Wish } from './issuer.ts'
import { logInOver, startupPacket, type Client, type Stage, type StageWish } from './stage.ts'

export interface Provocation {
  readonly wish?: StageWish
  /** The client that is refused. */
  readonly play: (stage: Stage) => Promise<Client>
  /** The client hears nothing: it is not there any more, or is not worth a word. */
  readonly silent?: true
}

export const now = () => Math.floor(Date.now() / 1000)

export function presents(wish: Wish, parameters?: Readonly<Record<string, string>>): Provocation {
  return { play: async (stage) => stage.logIn(await makeToken(wish), parameters) }
}

export function presentsText(text: string): Provocation {
  return { play: (stage) => stage.logIn(text) }
}

/** A good token, under a configuration that does not take it. */
export function under(change: (config: GatewayConfig) => GatewayConfig, wish: Wish = {}, parameters?: Record<string, string>): Provocation {
  return { ...presents(wish, parameters), wish: { change } }
}

export function upstreamThat(serve: StageWish['serve'], limits: object = {}): Provocation {
  return { ...presents({}), wish: { serve: serve!, change: (config) => ({ ...config, limits: { ...config.limits, ...limits } }) } }
}

/** Everybody here comes from loopback, which is not limited unless that is said. */
export function limited(limits: object, before: (stage: Stage) => Promise<unknown>, silent?: true): Provocation {
  const change = (config: GatewayConfig) =>
    configSchema.parse({
      ...config,
      limits: { ...config.limits, ...limits, perAddress: { exempt: [], ...(limits as { perAddress?: object }).perAddress } },
    })
  const play = async (stage: Stage) => {
    await before(stage)
    return silent === true ? stage.plain() : await stage.logIn(await makeToken())
  }
  return { wish: { change }, play, ...(silent && { silent }) }
}

export const enter = async (stage: Stage, wish: Wish = {}) => {
  const client = await stage.logIn(await makeToken(wish))
  await client.until('ready-for-query')
  return client
}

/** A second login by the same token, after something was done about the first. */
export function afterwards(
  change: (config: GatewayConfig) => GatewayConfig,
  meanwhile: (stage: Stage, token: string) => Promise<unknown>,
): Provocation {
  const play = async (stage: Stage) => {
    const token = await makeToken()
    await meanwhile(stage, token)
    return await stage.logIn(token)
  }
  return { wish: { change }, play }
}

export const tokensOf = (config: GatewayConfig, tokens: object) =>
  configSchema.parse({ ...config, tokens: { ...config.tokens, ...tokens } })
export const once = (entries: number) => (config: GatewayConfig) =>
  tokensOf(config, { singleUse: { entries }, requiredClaims: ['exp', 'iss', 'jti'] })

const secret = 's3cret-'.repeat(6)

export function taking(config: GatewayConfig): GatewayConfig {
  const secretFile = join(config.tls!.cert, '..', 'push.secret')
  writeFileSync(secretFile, secret)
  return tokensOf({ ...config, revocation: { ...config.revocation, push: { secretFile } } }, { maxLifetimeSeconds: 7200 })
}

export async function revoke({ gateway }: Stage, revocation: object = { sub: 'user-1' }): Promise<void> {
  const body = JSON.stringify({ revocations: [revocation] })
  await fetch(`http://127.0.0.1:${gateway.operationsPort}/revocations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}` },
    body,
  })
}

/** One cluster, by host name; the database and the claim may name it too. */
function routed({ upstream, ...config }: GatewayConfig): GatewayConfig {
  const port = upstream !== undefined && 'port' in upstream ? upstream.port : undefined
  const branches = [{ name: 'main', host: '127.0.0.1', port, database: 'orochi' }]
  const { cluster: _cluster, branch: _branch, ...claims } = config.claims
  const routing = { suffix: 'db.example.org', neutralHosts: ['localhost'], fallbacks: ['options'], clusters: [{ name: 'acme', branches }] }
  return configSchema.parse({ ...config, claims, routing })
}

export function byHost(host: string, claims: object = {}): Provocation {
  const play = async (stage: Stage) => logInOver(await stage.secure({ servername: host }), await makeToken({ claims: { ...claims } }))
  return { wish: { change: routed }, play }
}

export async function send(client: Client, ...messages: readonly Buffer[]): Promise<Client> {
  client.stream.write(startupPacket())
  await client.until('authentication-cleartext')
  client.stream.write(Buffer.concat(messages))
  return client
}

export function askForTls(stage: Stage): Client {
  const client = stage.plain()
  client.stream.write(encodeStartup({ kind: 'ssl-request' }))
  return client
}

export const asleep = () => new Promise<void>(() => {})

/** Waits until a client of this stage has reached the upstream. */
export async function reached(stage: Stage): Promise<void> {
  while (stage.upstream.opened() === 0) await new Promise((resolve) => setTimeout(resolve, 5))
}

export async function leave(stream: Duplex): Promise<void> {
  stream.destroy()
  await new Promise((resolve) => setImmediate(resolve))
}

/** The pooler is not there, and neither is the control plane that could wake it. */
export function sleeping(config: GatewayConfig, wake: object): GatewayConfig {
  const upstream = { host: '127.0.0.1', port: 1, database: 'orochi_0' }
  return configSchema.parse({ ...config, upstream, wake: { controlPlane: 'http://127.0.0.1:1', ...wake } })
}

/** Waits until a client waits for a cluster to wake. */
export async function waits({ gateway }: Stage): Promise<void> {
  const figures = async () => (await fetch(`http://127.0.0.1:${gateway.operationsPort}/metrics`)).text()
  while (!(await figures()).includes('orochi_gateway_wake_waiting 1')) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Clients are asked for certificates; the gateway's own is the only authority. */
export function askingFor(tls: object) {
  return (config: GatewayConfig) => configSchema.parse({ ...config, tls: { ...config.tls, clientCa: config.tls!.cert, ...tls } })
}
