/** Raises a gateway that is not ours, asks what it can do, and makes a part of the stack of it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPublicKey } from 'node:crypto'
import { mint } from '../../fixtures/tokens.ts'
import { gatewayName, tenantRole } from '../components/gateway.ts'
import { poolerName } from '../components/pooler.ts'
import { appUser } from '../components/set-up.ts'
import { HarnessError } from '../harness-error.ts'
import type { Launch, Running } from '../launch.ts'
import { clientDatabase, mainPort } from '../layout.ts'
import type { StackSecrets } from '../secrets.ts'
import type { Site } from '../site.ts'
import type { GatewayWish, Topology } from '../topology.ts'
import { environmentOf, fillIn, type AddressGateway, type CommandGateway, type Filling, type ForeignGateway } from './foreign-gateway.ts'
import { serveKeys } from './jwks.ts'
import { probeGateway } from './probe.ts'
import { openTap, type Tap } from './tap.ts'

export async function raiseForeign(site: Site, foreign: ForeignGateway): Promise<readonly Running[]> {
  const part = foreign.kind === 'exec' ? await startCommand(site, foreign) : standingPart(site, foreign)
  site.own(part)
  const tap = await openTap(mainPort(part))
  site.own(tap)
  const metrics = part.addresses['operations']
  const abilities = await probeGateway({
    address: tap.address,
    ca: foreign.kind === 'address' && foreign.ca === null ? null : site.secrets.authority.ca,
    servername: foreign.kind === 'address' ? foreign.host : 'localhost',
    user: tenantRole,
    database: clientDatabase,
    token: await mint({ ...site.secrets.issuer, privateKeyPem: site.secrets.keys.privateKeyPem }),
    metricsUrl: metrics === undefined ? null : `http://${metrics.host}:${metrics.port}/metrics`,
    log: () => part.logSince(0).map(({ text }) => text),
  })
  return [tapped(part, tap, abilities)]
}

/** What an entry wishes of the gateway beyond the usual can be written into our own gateway's configuration only. Throws `capability-absent`. */
export function refuseSpecialWishes({ gateway, pools, branches }: Topology, { foreign: _, ...usual }: GatewayWish): void {
  if (gateway?.foreign === undefined) return
  const keys = Object.keys(usual) as (keyof typeof usual)[]
  const special = keys.filter((key) => JSON.stringify(gateway[key]) !== JSON.stringify(usual[key])).map((key) => `gateway.${key}`)
  const more = [...special, ...(pools.length > 0 ? ['pools'] : []), ...(branches.length > 0 ? ['branches'] : [])]
  if (more.length > 0)
    throw new HarnessError(
      'capability-absent',
      `this entry wishes ${more.join(', ')}, which a foreign gateway cannot be told by the harness`,
    )
}

async function startCommand(site: Site, gateway: CommandGateway): Promise<Running> {
  const { secrets, paths } = site
  const keys = await serveKeys([{ id: secrets.issuer.keyId, publicKeyPem: secrets.keys.publicKeyPem }])
  site.own(keys)
  const upstream = await paths.to(poolerName(0))
  const filling: Filling = {
    listen: '{host}:{port:main}',
    listenHost: '{host}',
    listenPort: '{port:main}',
    operations: '{host}:{port:operations}',
    operationsPort: '{port:operations}',
    upstreamHost: upstream.host,
    upstreamPort: String(upstream.port),
    upstreamDatabase: clientDatabase,
    upstreamUser: appUser,
    upstreamPassword: secrets.appPassword,
    ...secrets.issuer,
    publicKeyFile: '{file:issuer.pem}',
    jwksUrl: keys.url,
    role: tenantRole,
    claimsKey: secrets.claims.key.toString('base64'),
    claimsKeyId: secrets.claims.keyId,
    certFile: '{file:tls.crt}',
    keyFile: '{file:tls.key}',
    caFile: '{file:ca.crt}',
    template: '{file:gateway.conf}',
  }
  return site.start(await launchOf(gateway, filling, secrets))
}

async function launchOf(gateway: CommandGateway, filling: Filling, secrets: StackSecrets): Promise<Launch> {
  const certificate = await secrets.authority.issue()
  const template = gateway.template === null ? '' : readFileSync(gateway.template, 'utf8')
  // `env` takes settings before the program's name, and `exec` leaves no shell between us and it.
  const command = `cd '${gateway.cwd.replaceAll("'", `'\\''`)}' && exec env ${fillIn(gateway.command, filling)}`
  return {
    name: gatewayName(0),
    kind: 'gateway',
    version: `foreign: ${gateway.command}`,
    process: { program: { binary: '/bin/sh' }, argv: ['-c', command], prepared: null, unprivileged: false, sign: null },
    container: null,
    env: environmentOf(filling),
    files: [
      { name: 'gateway.conf', content: fillIn(template, filling), mode: 0o600 },
      { name: 'tls.crt', content: certificate.certificate, mode: 0o644 },
      { name: 'tls.key', content: certificate.privateKey, mode: 0o600 },
      { name: 'ca.crt', content: secrets.authority.ca, mode: 0o644 },
      { name: 'issuer.pem', content: secrets.keys.publicKeyPem, mode: 0o644 },
    ],
    ports: { main: 5433, operations: 9091 },
    ready: { kind: 'tcp', port: 'main' },
    startLimit: 'part-start',
    stop: { signal: 'SIGTERM', graceMs: 6_000 },
    clock: false,
    offers: [],
  }
}

/** A gateway that stands somewhere already: nothing of it is ours but the way to it. */
function standingPart({ dir }: Site, { host, port, metricsUrl }: AddressGateway): Running {
  const logFile = join(dir, 'foreign-gateway.log')
  if (!existsSync(logFile)) writeFileSync(logFile, '')
  const metrics = metricsUrl === null ? null : new URL(metricsUrl)
  return {
    name: gatewayName(0),
    kind: 'gateway',
    pid: undefined,
    version: `foreign: ${host}:${port}`,
    offers: [],
    addresses: {
      main: { host, port },
      ...(metrics === null ? {} : { operations: { host: metrics.hostname, port: Number(metrics.port || 80) } }),
    },
    dir,
    logFile,
    logMark: () => 0,
    logSince: () => [],
    alive: () => true,
    async [Symbol.asyncDispose]() {},
  }
}

/** The part as clients of the stack meet it: behind the tap, with what the probe found. */
function tapped(part: Running, tap: Tap, { offers, lacks, tls }: Awaited<ReturnType<typeof probeGateway>>): Running {
  const verb = <K extends 'kill' | 'pause' | 'resume' | 'restart' | 'figures'>(name: K) =>
    part[name] === undefined ? {} : { [name]: (...args: never[]) => (part[name] as (...args: never[]) => Promise<unknown>)(...args) }
  return {
    name: part.name,
    kind: part.kind,
    get pid() {
      return part.pid
    },
    version: part.version,
    offers,
    lacks,
    foreign: { tls, lastWords: () => tap.lastWords() },
    addresses: { ...part.addresses, main: tap.address },
    dir: part.dir,
    logFile: part.logFile,
    logMark: () => part.logMark(),
    logSince: (mark) => part.logSince(mark),
    alive: () => part.alive(),
    ...verb('kill'),
    ...verb('pause'),
    ...verb('resume'),
    ...verb('restart'),
    ...verb('figures'),
    async [Symbol.asyncDispose]() {},
  }
}

/** Keys and authority of a gateway that stands already are named by who runs it. */
export function withForeignKeys(secrets: StackSecrets, foreign: GatewayWish['foreign']): StackSecrets {
  if (foreign?.kind !== 'address') return secrets
  const privateKeyPem = readFileSync(foreign.signingKey, 'utf8')
  const publicKeyPem = createPublicKey(privateKeyPem).export({ type: 'spki', format: 'pem' }).toString()
  const { issuer, audience, keyId } = foreign
  const ca = foreign.ca === null ? secrets.authority.ca : readFileSync(foreign.ca, 'utf8')
  return { ...secrets, keys: { privateKeyPem, publicKeyPem }, issuer: { issuer, audience, keyId }, authority: { ...secrets.authority, ca } }
}
