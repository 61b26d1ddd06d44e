/** Puts running parts and links together into the Stack that suites see. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Availability, Capability } from '../spec/capability.ts'
import type { Setting } from '../spec/evidence.ts'
import { serverName } from './components/postgres.ts'
import { openFailover } from './components/failover.ts'
import { appUser, databaseOf } from './components/set-up.ts'
import { tenantRole } from './components/gateway.ts'
import { stackCapability } from './detect.ts'
import { HarnessError } from './harness-error.ts'
import { operatorOf } from './operator.ts'
import { poolerName } from './components/pooler.ts'
import type { RaisedPlane } from './control-plane/raise.ts'
import { effectiveSettings, snapshotOf } from './inspect.ts'
import type { Running } from './launch.ts'
import { clientDatabase, mainPort, serverOf } from './layout.ts'
import type { OwnedLink } from './links/open-link.ts'
import type { StackSecrets } from './secrets.ts'
import type { Login, Stack } from './stack.ts'
import type { Topology } from './topology.ts'
import { topologyText } from './wish.ts'

export interface StackParts {
  readonly id: string
  readonly dir: string
  readonly topology: Topology
  readonly provider: string
  readonly parts: readonly Running[]
  readonly links: readonly OwnedLink[]
  readonly plane: RaisedPlane | null
  readonly secrets: StackSecrets
  readonly sources: string
  /** Part name → version it told. */
  readonly versions: Readonly<Record<string, string>>
  /** Part name → its configuration as text, without secrets. */
  readonly configs: ReadonlyMap<string, string>
  dispose(): Promise<void>
}

/** The Stack over these parts; it owns them from now on. */
export function composeStack(made: StackParts): Stack {
  const { topology, secrets, parts, links } = made
  const find = <T>(found: T | undefined, what: string): T => {
    if (found === undefined)
      throw new HarnessError('no-such-part', `this stack has no ${what}: it has ${parts.map((part) => part.name).join(', ')}`)
    return found
  }
  const part = (name: string) =>
    find(
      parts.find((one) => one.name === name),
      `part "${name}"`,
    )
  const ofKind = (kind?: Running['kind']) => (kind === undefined ? parts : parts.filter((one) => one.kind === kind))
  const link = (target: string) => {
    if (topology.links === 'direct') throw new HarnessError('not-wired', `this stack is wired directly: there is no link to ${target}`)
    return find(
      links.find((one) => one.target === target),
      `link to "${target}"`,
    )
  }
  const shardLogin =
    (user: string, password: string) =>
    (shard: number, replica = 0): Login => ({
      ...mainPort(part(serverName(serverOf(shard, topology), replica))),
      user,
      password,
      database: databaseOf(shard),
    })
  const failover = openFailover({ topology, part, links, ...secrets })
  const stack: Stack = {
    id: made.id,
    dir: made.dir,
    topology,
    setting: settingOf(made),
    versions: made.versions,
    can: (capability: Capability): Availability => stackCapability(capability, made),
    part,
    parts: ofKind,
    link,
    links: () => links,
    issue: secrets.authority.issue,
    get controlPlane() {
      const { base, platform } = find(made.plane ?? undefined, 'control plane')
      return { base, cluster: secrets.claims.cluster, platform }
    },
    get door() {
      const { foreign } = part('gateway-0')
      const servername = topology.gateway?.foreign?.kind === 'address' ? topology.gateway.foreign.host : 'localhost'
      return { ...mainPort(part('gateway-0')), database: clientDatabase, ca: secrets.authority.ca, servername, tls: foreign?.tls ?? true }
    },
    operator: (instance = 0) => operatorOf(part(poolerName(instance)), topology, secrets.adminPassword),
    get pooler() {
      const address = topology.links === 'direct' ? mainPort(part('pooler-0')) : link('pooler-0').address
      return { ...address, user: appUser, password: secrets.appPassword, database: clientDatabase }
    },
    server: shardLogin('postgres', secrets.superuserPassword),
    app: shardLogin(appUser, secrets.appPassword),
    get failover() {
      const promotion = stack.can('promotion')
      if (!promotion.here) throw new HarnessError('capability-absent', promotion.why)
      return failover
    },
    issuer: { ...secrets.issuer, privateKeyFile: join(made.dir, 'issuer.key'), publicKeyFile: join(made.dir, 'issuer.pub') },
    role: tenantRole,
    logFiles: parts.map((one) => one.logFile),
    settings: () => effectiveSettings(stack, secrets, made.configs),
    snapshot: () => snapshotOf(stack, secrets),
    [Symbol.asyncDispose]: () => made.dispose(),
  }
  return stack
}

function settingOf({ topology, provider, versions, sources }: StackParts): Setting {
  const text = topologyText(topology)
  const versionsText = Object.entries(versions).map(([name, version]) => `${name}=${version}`)
  const fingerprint = createHash('sha256')
    .update([text, provider, ...versionsText, sources, process.version].join('\0'))
    .digest('hex')
    .slice(0, 16)
  return { pooler: topology.pooler?.kind ?? 'none', provider, topology: text, fingerprint }
}
