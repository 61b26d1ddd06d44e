/** A Launch is one part of the system as neutral data: any provider can run it as a process, a container or a pod. */
import type { Capability } from '../spec/capability.ts'
import type { LimitName } from './limits.ts'

/** Where something listens. */
export interface Address {
  readonly host: string
  readonly port: number
}

/**
 * Text in argv, env and files may hold placeholders the provider fills in:
 * `{dir}` its private folder, `{port:NAME}` the port it got, `{host}` the address it binds, `{file:NAME}` the path of a file below.
 */
export type Text = string

/** A file laid into the part's folder before it starts; a name that ends with a slash is an empty folder. */
export interface LaunchFile {
  readonly name: string
  readonly content: Text
  readonly mode: number
}

/** A folder made once by commands, kept by key, and copied for each part that asks for it (an initialised cluster, say). */
export interface Prepared {
  readonly key: string
  /** Where the copy goes, relative to `{dir}`. */
  readonly into: string
  /** Commands that make it; `{out}` is the folder to fill. No secret of a stack may go in: the folder outlives it. */
  readonly make: readonly (readonly Text[])[]
  /** Commands run in each fresh copy, `{copy}`, before the part starts: what makes it this stack's own. `input` is their standard input. */
  readonly finish: readonly { readonly argv: readonly Text[]; readonly input: string }[]
}

/** The form of a part that runs as a process. */
export interface ProcessForm {
  /** A Node program of this project (`.ts` or `.mjs` path), or a binary. */
  readonly program: { readonly node: string } | { readonly binary: string }
  readonly argv: readonly Text[]
  readonly prepared: Prepared | null
  /** A folder below `{dir}` that lies on a small disk of its own, which can be filled (as root only). */
  readonly disk?: { readonly at: string; readonly mb: number }
  /** Must not run as root: the provider drops to an unprivileged user when it is root. */
  readonly unprivileged: boolean
  /** A file in which the program says that it serves (`match` is a regular expression, `{pid}` its number): probed only after, so that its log stays clean. */
  readonly sign: { readonly file: Text; readonly match: string } | null
}

/** The form of a part that runs as a container; `{dir}` is a folder inside it. */
export interface ContainerForm {
  readonly image: 'postgres' | 'node'
  /** A shell command line, or a Node program of this project. */
  readonly command: { readonly shell: readonly Text[] } | { readonly node: string; readonly argv: readonly Text[] }
  readonly user: string
  /** A folder of the stack that parts share, and where it is inside. */
  readonly shared: { readonly name: string; readonly at: string } | null
}

/** How one knows that a part serves; tried until it answers or the deadline passes. */
export type Readiness =
  | { readonly kind: 'tcp'; readonly port: string }
  | { readonly kind: 'http'; readonly port: string; readonly path: string }
  | {
      readonly kind: 'postgres'
      readonly port: string
      readonly user: string
      readonly password: string
      readonly database: string
      readonly query: string
    }

export interface Launch {
  /** Unique in the stack: `postgres-0`, `postgres-0-replica-1`, `pooler-0`, `gateway-0`. */
  readonly name: string
  readonly kind: 'postgres' | 'pooler' | 'gateway' | 'control-plane'
  readonly process: ProcessForm | null
  readonly container: ContainerForm | null
  readonly env: Readonly<Record<string, Text>>
  readonly files: readonly LaunchFile[]
  /** Names of the ports it listens on, and the number inside a container. */
  readonly ports: Readonly<Record<string, number>>
  readonly ready: Readiness
  /** Key into limits.ts. */
  readonly startLimit: LimitName
  /** How it is asked to stop, before it is killed after the grace period. */
  readonly stop: { readonly signal: 'SIGTERM' | 'SIGINT' | 'SIGQUIT'; readonly graceMs: number }
  /** Started with the preload that lets the harness move its clock (Node programs only). */
  readonly clock: boolean
  readonly offers: readonly Capability[]
  /** Program or image version, as the part itself tells it. */
  readonly version: string
}

/** A line a part wrote to its output. */
export interface LogLine {
  readonly text: string
}

/** A part that runs. Optional verbs are what the provider can do to it; a fault asks for the verb it needs. */
export interface Running extends AsyncDisposable {
  readonly name: string
  readonly kind: Launch['kind']
  readonly pid: number | undefined
  readonly version: string
  readonly offers: readonly Capability[]
  /** Why it does not offer what parts of its kind usually do. */
  readonly lacks?: Readonly<Partial<Record<Capability, string>>>
  /** Set when it is no part of ours. */
  readonly foreign?: { readonly tls: boolean; readonly lastWords: () => readonly string[] }
  /** Port name → where the harness reaches it. */
  readonly addresses: Readonly<Record<string, Address>>
  /** Its folder on this machine, if it has one. */
  readonly dir: string
  readonly logFile: string
  /** A position in the log; give it to `logSince`. */
  logMark(): number
  /** Lines written after the mark. */
  logSince(mark: number): readonly LogLine[]
  alive(): boolean
  kill?(signal: NodeJS.Signals): Promise<void>
  pause?(): Promise<void>
  resume?(): Promise<void>
  /** Asks it to end as it does when it is replaced: it may finish what it is at. Returns at once. */
  drain?(): Promise<void>
  /** Fills the disk of its own to the last byte, or makes room again; there only where it has one. */
  fill?(): Promise<void>
  makeRoom?(): Promise<void>
  /** Start again after `kill`, same folder and ports. */
  restart?(): Promise<void>
  /** Moves its clock by so many ms from now on (0 = true time); returns once it has taken effect. */
  shiftClock?(offsetMs: number): Promise<void>
  /** Resident memory in bytes, open descriptors. */
  figures?(): Promise<{ readonly residentBytes: number; readonly descriptors: number }>
}

/** Runs Launches; knows nothing about Postgres. */
export interface Provider extends AsyncDisposable {
  readonly name: 'embedded' | 'docker' | 'kind'
  /** Starts one part and returns once it is ready; a failed start throws a HarnessError with the log's tail, and leaves nothing. */
  start(launch: Launch, signal: AbortSignal): Promise<Running>
}
