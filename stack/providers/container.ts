/** One container with its log, and the verbs that faults use on it. */
import { createWriteStream, mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { getContainerRuntimeClient, type GenericContainer, type StartedTestContainer } from 'testcontainers'
import { HarnessError } from '../harness-error.ts'
import type { Address, ContainerForm, Launch, Running } from '../launch.ts'
import { limitMs } from '../limits.ts'
import { awaitReady, probeOf } from '../ready.ts'
import { setClock } from './clock.ts'
import { figuresOf } from './figures.ts'
import { linesSince, sizeOf, tailOf } from './log-file.ts'
import { fill, type Values } from './placeholders.ts'

export interface ContainerPlan {
  readonly launch: Launch
  readonly form: ContainerForm
  readonly container: GenericContainer
  readonly ports: Readonly<Record<string, number>>
  readonly host: string
  /** The part's folder on the host: its log, and the file that moves its clock. */
  readonly dir: string
  readonly shared: string | null
}

const projectRoot = resolve(import.meta.dirname, '..', '..')
/** Inside the container. */
const inside = { files: '/orochi', project: '/project', state: '/state' } as const

/** Starts it and returns once it is ready; a failed start leaves nothing but its message. */
export async function startContainer(plan: ContainerPlan, abort: AbortSignal): Promise<Running> {
  const { launch, dir } = plan
  mkdirSync(dir, { recursive: true, mode: 0o755 })
  const logFile = join(dir, 'log')
  const part = new ContainerPart(launch, plan, logFile, await prepared(plan, logFile).start())
  try {
    await part.awaitReady(abort)
    return part
  } catch (error) {
    const tail = tailOf(logFile, 25)
    await part[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true, force: true })
    throw new HarnessError(
      (error as HarnessError).code ?? 'stack-did-not-rise',
      `${(error as Error).message}\nlast lines of its log:\n${tail}`,
      { cause: error },
    )
  }
}

function prepared({ launch, form, container, ports, host, dir, shared }: ContainerPlan, logFile: string): GenericContainer {
  const files = Object.fromEntries(launch.files.map((file) => [file.name.replaceAll('/', '-'), `${inside.files}/${file.name}`]))
  const values: Values = { dir: inside.files, host, ports, files }
  const mounts = [
    { source: dir, target: inside.state },
    ...(shared === null || form.shared === null ? [] : [{ source: shared, target: form.shared.at }]),
  ]
  const contents = launch.files
    .filter((file) => !file.name.includes('/'))
    .map((file) => ({ content: fill(file.content, values), target: `${inside.files}/${file.name}`, mode: 0o644 }))
  const log = createWriteStream(logFile, { flags: 'a' })
  const clock = launch.clock ? { OROCHI_CLOCK_FILE: `${inside.state}/clock` } : {}
  if (launch.clock) setClock(dir, 0)
  const filledEnv = Object.fromEntries(Object.entries(launch.env).map(([name, text]) => [name, fill(text, values)]))
  return commanded(container, launch, form, values)
    .withBindMounts('node' in form.command ? [...mounts, { source: projectRoot, target: inside.project, mode: 'ro' }] : mounts)
    .withCopyContentToContainer(contents)
    .withEnvironment({ TZ: 'UTC', ...clock, ...filledEnv })
    .withLogConsumer((stream) => stream.pipe(log))
}

function commanded(container: GenericContainer, launch: Launch, { command }: ContainerForm, values: Values): GenericContainer {
  if ('shell' in command) return container.withEntrypoint(['/bin/sh', '-c']).withCommand(command.shell.map((text) => fill(text, values)))
  const clock = launch.clock ? ['--import', `${inside.project}/fixtures/clock/preload.mjs`] : []
  return container
    .withEntrypoint(['node'])
    .withCommand([...clock, `${inside.project}/${command.node}`, ...command.argv.map((text) => fill(text, values))])
}

class ContainerPart implements Running {
  readonly name: string
  readonly kind: Running['kind']
  readonly version: string
  readonly offers: Running['offers']
  readonly addresses: Readonly<Record<string, Address>>
  readonly dir: string
  readonly logFile: string
  readonly figures?: NonNullable<Running['figures']>
  readonly #launch: Launch
  readonly #started: StartedTestContainer
  #pid: number | undefined
  #gone: string | null = null

  constructor(launch: Launch, plan: ContainerPlan, logFile: string, started: StartedTestContainer) {
    this.#launch = launch
    this.#started = started
    this.name = launch.name
    this.kind = launch.kind
    this.version = `${launch.version} in a container`
    this.offers = launch.offers
    this.addresses = Object.fromEntries(Object.entries(plan.ports).map(([name, port]) => [name, { host: plan.host, port }]))
    this.dir = plan.dir
    this.logFile = logFile
    if (process.getuid?.() === 0) this.figures = async () => figuresOf(this.pid ?? 0)
  }

  get pid(): number | undefined {
    return this.alive() ? this.#pid : undefined
  }

  async awaitReady(abort: AbortSignal): Promise<void> {
    await this.#look()
    const probe = probeOf(this.#launch.ready, this.addresses)
    const looking = async (signal: AbortSignal) => {
      await this.#look()
      return probe(signal)
    }
    await awaitReady({ what: this.name, limitMs: limitMs(this.#launch.startLimit), probe: looking, hopeless: () => this.#gone }, abort)
  }

  /** Learns from the daemon whether it runs, and under which number. */
  async #look(): Promise<void> {
    const { State } = await (await this.#handle()).inspect()
    this.#pid = State.Pid
    this.#gone = State.Running ? null : `its container ended with exit code ${State.ExitCode}`
  }

  async #handle() {
    return (await getContainerRuntimeClient()).container.getById(this.#started.getId())
  }

  logMark(): number {
    return sizeOf(this.logFile)
  }

  logSince(mark: number) {
    return linesSince(this.logFile, mark)
  }

  alive(): boolean {
    return this.#gone === null
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    await (await this.#handle()).kill({ signal })
    await this.#look()
  }

  async pause(): Promise<void> {
    await (await this.#handle()).pause()
  }

  async resume(): Promise<void> {
    await (await this.#handle()).unpause()
  }

  async restart(): Promise<void> {
    await (await this.#handle()).restart({ t: Math.ceil(this.#launch.stop.graceMs / 1000) })
    await this.#followLog()
    await this.awaitReady(new AbortController().signal)
  }

  /** The log that was followed ends with the container's first life. */
  async #followLog(): Promise<void> {
    const { container } = await getContainerRuntimeClient()
    const handle = await this.#handle()
    const { State } = await handle.inspect()
    const stream = await container.logs(handle, { since: Date.parse(State.StartedAt) / 1000 })
    stream.pipe(createWriteStream(this.logFile, { flags: 'a' }))
  }

  async shiftClock(offsetMs: number): Promise<void> {
    if (!this.#launch.clock) throw new HarnessError('capability-absent', `the clock of ${this.name} cannot be moved`)
    setClock(this.dir, offsetMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#started.stop({ timeout: this.#launch.stop.graceMs, remove: true, removeVolumes: true })
    this.#gone = 'its container was removed'
  }
}
