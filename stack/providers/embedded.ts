/** Runs Launches as plain processes on the loopback address: no container, no root, no account is made. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { HarnessError } from '../harness-error.ts'
import type { Address, Launch, ProcessForm, Provider, Running } from '../launch.ts'
import type { Ledger } from '../ledger.ts'
import { limitMs } from '../limits.ts'
import { signal } from '../processes.ts'
import { awaitReady, probeOf } from '../ready.ts'
import { setClock, clockEnv, clockArgv } from './clock.ts'
import { linesSince, sizeOf, tailOf } from './log-file.ts'
import { fill, type Values } from './placeholders.ts'
import { freePort } from './ports.ts'
import { layPrepared } from './prepared.ts'
import { figuresOf, startProcess, stopProcess, type Command, type Started } from './process.ts'
import { hand, reachable, unprivileged } from './unprivileged.ts'

const host = '127.0.0.1'
const projectRoot = resolve(import.meta.dirname, '..', '..')
const portTries = 3

/** `dir` is the stack's folder: each part gets one of its own below it. */
export function embedded(ledger: Ledger, dir: string): Provider {
  return {
    name: 'embedded',
    async start(launch, signal) {
      if (launch.process === null) throw new HarnessError('capability-absent', `${launch.name} has no form that runs as a process`)
      for (let attempt = 1; ; attempt++) {
        try {
          return await startOnce(launch, launch.process, ledger, join(dir, launch.name), signal)
        } catch (error) {
          if (attempt === portTries || !isPortTaken(error)) throw error
        }
      }
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

function isPortTaken(error: unknown): boolean {
  return /EADDRINUSE|address already in use/i.test(String((error as Error).message))
}

async function startOnce(launch: Launch, form: ProcessForm, ledger: Ledger, dir: string, signal: AbortSignal): Promise<Running> {
  const values = await layFolder(launch, form, dir)
  const command = commandOf(launch, form, dir, values)
  const addresses = Object.fromEntries(Object.entries(values.ports).map(([name, port]) => [name, { host, port }]))
  const part = new Part(launch, command, addresses, ledger)
  try {
    await part.begin(signal)
    return part
  } catch (error) {
    const tail = tailOf(command.logFile, 25)
    await part[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true, force: true })
    const { code = 'stack-did-not-rise' } = error as HarnessError
    throw new HarnessError(code, `${(error as Error).message}\nlast lines of its log:\n${tail}`, { cause: error })
  }
}

/** The part's folder with its prepared data and files, owned by whom it runs as. */
async function layFolder(launch: Launch, form: ProcessForm, dir: string): Promise<Values> {
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(dir, { recursive: true, mode: 0o711 })
  const account = form.unprivileged ? unprivileged() : null
  if (form.prepared !== null) await layPrepared(form.prepared, join(dir, form.prepared.into), account)
  const ports: Record<string, number> = {}
  for (const name of Object.keys(launch.ports)) ports[name] = await freePort(host)
  const files = Object.fromEntries(launch.files.map((file) => [file.name.replaceAll('/', '-'), join(dir, file.name)]))
  const values = { dir, host, ports, files }
  for (const file of launch.files) writeFileSync(join(dir, file.name), fill(file.content, values), { mode: file.mode })
  if (account !== null) for (const file of launch.files) hand(join(dir, file.name), account)
  return values
}

function commandOf(launch: Launch, form: ProcessForm, dir: string, values: Values): Command {
  const account = form.unprivileged ? unprivileged() : null
  const argv = form.argv.map((text) => fill(text, values))
  const env = Object.fromEntries(Object.entries(launch.env).map(([name, text]) => [name, fill(text, values)]))
  const common = { name: launch.name, cwd: dir, logFile: join(dir, 'log'), account }
  const plain = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC', ...coverageEnv() }
  if ('binary' in form.program) return { ...common, program: reachable(form.program.binary, account), argv, env: { ...plain, ...env } }
  const program = resolve(projectRoot, form.program.node)
  const clock = launch.clock ? clockArgv : []
  return {
    ...common,
    program: process.execPath,
    argv: [...clock, program, ...argv],
    env: { ...plain, ...(launch.clock ? clockEnv(dir) : {}), ...env },
  }
}

/** Coverage of our own parts is collected by Node itself when it is asked for. */
function coverageEnv(): Record<string, string> {
  const folder = process.env['NODE_V8_COVERAGE']
  return folder === undefined ? {} : { NODE_V8_COVERAGE: folder }
}

class Part implements Running {
  readonly name: string
  readonly kind: Running['kind']
  readonly version: string
  readonly offers: Running['offers']
  readonly addresses: Readonly<Record<string, Address>>
  readonly dir: string
  readonly logFile: string
  readonly #launch: Launch
  readonly #command: Command
  readonly #ledger: Ledger
  #started: Started | undefined

  constructor(launch: Launch, command: Command, addresses: Readonly<Record<string, Address>>, ledger: Ledger) {
    this.#launch = launch
    this.#command = command
    this.#ledger = ledger
    this.name = launch.name
    this.kind = launch.kind
    this.version = launch.version
    this.offers = launch.offers
    this.addresses = addresses
    this.dir = command.cwd
    this.logFile = command.logFile
  }

  get pid(): number | undefined {
    return this.alive() ? this.#started?.id.pid : undefined
  }

  async begin(abort: AbortSignal): Promise<void> {
    const started = await startProcess(this.#command, (process_) =>
      this.#ledger.note({ kind: 'process', owner: process.pid, name: this.name, process: process_ }),
    )
    this.#started = started
    const probe = probeOf(this.#launch.ready, this.addresses)
    await awaitReady({ what: this.name, limitMs: limitMs(this.#launch.startLimit), probe, hopeless: started.gone }, abort)
  }

  logMark(): number {
    return sizeOf(this.logFile)
  }

  logSince(mark: number) {
    return linesSince(this.logFile, mark)
  }

  alive(): boolean {
    return this.#started !== undefined && this.#started.gone() === null
  }

  async kill(name: NodeJS.Signals): Promise<void> {
    if (this.#started === undefined) return
    signal(this.#started.id.pid, name, name === 'SIGKILL')
  }

  async pause(): Promise<void> {
    if (this.#started !== undefined) signal(this.#started.id.pid, 'SIGSTOP', true)
  }

  async resume(): Promise<void> {
    if (this.#started !== undefined) signal(this.#started.id.pid, 'SIGCONT', true)
  }

  async restart(): Promise<void> {
    await this.#stop()
    await this.begin(new AbortController().signal)
  }

  async shiftClock(offsetMs: number): Promise<void> {
    if (!this.#launch.clock) throw new HarnessError('capability-absent', `the clock of ${this.name} cannot be moved`)
    setClock(this.dir, offsetMs)
  }

  async figures() {
    if (this.pid === undefined || process.platform !== 'linux')
      throw new HarnessError('capability-absent', `memory of ${this.name} cannot be read here`)
    return figuresOf(this.pid)
  }

  async #stop(): Promise<void> {
    const { signal: asking, graceMs } = this.#launch.stop
    if (this.#started !== undefined) await stopProcess(this.#started, asking, graceMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop()
  }
}
