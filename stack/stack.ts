/** The running system, as suites, loads and faults see it; disposing of it undoes everything in reverse order. */
import type { Certificate, CertificateWish } from '../fixtures/certificates.ts'
import type { Platform } from './control-plane/platform.ts'
import type { Availability, Capability } from '../spec/capability.ts'
import type { Setting } from '../spec/evidence.ts'
import type { Failover } from './components/failover.ts'
import type { Address, Running } from './launch.ts'
import type { Topology } from './topology.ts'

/** Everything a Postgres client needs. */
export interface Login extends Address {
  readonly user: string
  readonly password: string
  readonly database: string
}

/** Where clients of the system connect, and how they check whom they met. */
export interface FrontDoor extends Address {
  readonly database: string
  /** PEM of the authority that signed the gateway's certificate. */
  readonly ca: string
  readonly servername: string
  /** False: it is a foreign one that has none. */
  readonly tls: boolean
}

/** One piece of traffic on a Link, secrets blanked. */
export interface LinkMessage {
  readonly at: number
  readonly connection: number
  readonly direction: 'to-server' | 'to-client'
  /** Message type letter or name, such as `Q`, `StartupMessage`. */
  readonly type: string
  readonly bytes: number
  readonly text: string
}

/** A fault that befalls one direction only; left out: both. */
export interface OneWay {
  readonly direction?: LinkMessage['direction']
}

export interface Jitter {
  readonly jitterMs?: number
  /** The same seed draws the same delays. */
  readonly seed?: string
}

export interface TrapWish {
  readonly direction: LinkMessage['direction']
  /** Over the text of a message, as `recent()` tells it. */
  readonly match: RegExp
  /** The first one by default. */
  readonly nth?: number
  /** `freeze`: the message does not pass, nor does anything else on the link, until the trap is opened; `notice`: it passes. */
  readonly how?: 'freeze' | 'notice'
}

/** Disposing releases what it holds. */
export interface Trap extends AsyncDisposable {
  /** Resolves to the message once it has come; rejects when the trap is opened before. */
  readonly sprung: Promise<LinkMessage>
  /** How many messages that match have come. */
  readonly met: number
  /** What was held goes on. */
  release(): Promise<void>
  /** What was held never arrives: all connections of the link get a reset. */
  drop(): Promise<void>
}

/** A connection path between two parts that the stack owns: it counts, remembers a little, and can be broken. */
export interface Link {
  /** The part it leads to. */
  readonly target: string
  readonly address: Address
  /** Since the start of the stack. */
  readonly counters: {
    readonly opened: number
    readonly closed: number
    readonly bytesToServer: number
    readonly bytesToClient: number
  }
  /** Connections open now. */
  readonly open: number
  recent(): readonly LinkMessage[]
  /** New and old connections pass no byte until healed; nothing is lost, disposing heals. */
  cut(way?: OneWay): AsyncDisposable
  /** Open connections get a reset, and so do new ones at once, until healed. */
  refuse(): AsyncDisposable
  /** Accepts connections and swallows what they say: the far side never answers. When healed, those that said something get a reset. */
  blackhole(way?: OneWay): AsyncDisposable
  /** Each chunk is held back so many ms, and by chance up to `jitterMs` more; the order stays. */
  slow(delayMs: number, way?: OneWay & Jitter): AsyncDisposable
  /** All connections together pass no more than so many bytes in a second, each way. */
  throttle(bytesPerSecond: number, way?: OneWay): AsyncDisposable
  /** Each connection gets a reset once so many of its bytes have passed from now on. */
  resetAfter(bytes: number, way?: OneWay): AsyncDisposable
  /** Lies in wait for a message. */
  trap(wish: TrapWish): Trap
  /** Open connections get a reset, once. */
  reset(): Promise<void>
}

/** What an operator can do to a pooler. */
export interface Operator {
  /** Whether it runs and answers. */
  well(): Promise<boolean>
  /** A command of its admin database. */
  ask(command: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Changes its main configuration file, which it does not notice by itself. */
  write(change: (text: string) => string): void
  /** Has it read its files again, changed beforehand where asked. Databases and tables that came into being behind its back are known afterwards. */
  reload(change?: (text: string) => string): Promise<void>
  /** Returns once it has let its transactions end and is gone. */
  drain(limit?: number): Promise<void>
  /** Its counters, as Prometheus gets them. */
  metrics(): Promise<string>
}

export interface Stack extends AsyncDisposable {
  /** Unique on this machine. */
  readonly id: string
  readonly dir: string
  readonly topology: Topology
  readonly setting: Setting
  /** Part name → version it told. */
  readonly versions: Readonly<Record<string, string>>
  can(capability: Capability): Availability
  part(name: string): Running
  parts(kind?: Running['kind']): readonly Running[]
  /** The Link that leads to a part; throws when the topology is wired directly. `replication-0-1`: from replica 1 of server 0 to its primary. */
  link(target: string): Link
  links(): readonly Link[]
  /** The gateway's address for clients; throws when there is none. */
  readonly door: FrontDoor
  /** What an operator does to a pooler. */
  operator(instance?: number): Operator
  /** The pooler, past the gateway, with the credential the gateway uses. */
  readonly pooler: Login
  /** A shard's own server, past everything, as superuser. `replica` 0 is the primary. */
  server(shard: number, replica?: number): Login
  /** The role whose connections are pooled, straight to the server. */
  app(shard: number, replica?: number): Login
  /** Promotion and fencing; throws `capability-absent` where `can('promotion')` says no. */
  readonly failover: Failover
  /** The control plane whose one cluster this stack is; throws when there is none. */
  readonly controlPlane: { readonly base: string; readonly cluster: string; readonly platform: Platform }
  /** A certificate by the authority of this stack. */
  issue(wish?: CertificateWish): Promise<Certificate>
  /** Key file and id with which tokens for this stack are signed, and what the gateway expects in them. */
  readonly issuer: {
    readonly issuer: string
    readonly audience: string
    readonly keyId: string
    readonly privateKeyFile: string
    readonly publicKeyFile: string
  }
  /** The role that tokens name and clients log in as. */
  readonly role: string
  /** Files in which no secret may ever show: logs of all parts. */
  readonly logFiles: readonly string[]
  /** Effective configuration of every part: pg_settings of each server, the pooler's own SHOW, the gateway's file without secrets. */
  settings(): Promise<Record<string, unknown>>
  /** State for a failure folder: pg_stat_activity, prepared transactions, pools, recent messages on each Link. */
  snapshot(): Promise<Record<string, unknown>>
}
