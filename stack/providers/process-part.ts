/** A part that runs as a process, with the verbs that faults use on it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HarnessError } from '../harness-error.ts'
import type { Address, Launch, ProcessForm, Running } from '../launch.ts'
import type { Ledger } from '../ledger.ts'
import { limitMs } from '../limits.ts'
import { familyOf, signal } from '../processes.ts'
import { awaitReady, probeOf } from '../ready.ts'
import { setClock } from './clock.ts'
import { emptyDisk, fillDisk, unmountDisk } from './disk.ts'
import { figuresOf, type Figures } from './figures.ts'
import { linesSince, sizeOf } from './log-file.ts'
import { fill } from './placeholders.ts'
import { listensOn } from './ports.ts'
import { haltFamily, killFamily, startProcess, stopProcess, wakeFamily, type Command, type Started } from './process.ts'

export class ProcessPart implements Running {
  readonly name: string
  readonly kind: Running['kind']
  readonly version: string
  readonly offers: Running['offers']
  readonly addresses: Readonly<Record<string, Address>>
  readonly dir: string
  readonly logFile: string
  readonly #launch: Launch
  readonly #form: ProcessForm
  readonly #command: Command
  readonly #ledger: Ledger
  #started: Started | undefined
  fill?: () => Promise<void>
  makeRoom?: () => Promise<void>

  constructor(launch: Launch, form: ProcessForm, command: Command, addresses: Readonly<Record<string, Address>>, ledger: Ledger) {
    this.#launch = launch
    this.#form = form
    this.#command = command
    this.#ledger = ledger
    this.name = launch.name
    this.kind = launch.kind
    this.version = launch.version
    this.offers = launch.offers
    this.addresses = addresses
    this.dir = command.cwd
    this.logFile = command.logFile
    if (form.disk !== undefined) this.#offerDisk(join(this.dir, form.disk.at))
  }

  get pid(): number | undefined {
    return this.alive() ? this.#started?.id.pid : undefined
  }

  async begin(abort: AbortSignal): Promise<void> {
    const started = await startProcess(this.#command, this.#ledger)
    this.#started = started
    const answers = probeOf(this.#launch.ready, this.addresses)
    const probe = async (limit: AbortSignal) => this.#gaveSign(started) && (await answers(limit))
    await awaitReady({ what: this.name, limitMs: limitMs(this.#launch.startLimit), probe, hopeless: started.gone }, abort)
    this.#refuseStranger(started)
  }

  #gaveSign({ id }: Started): boolean {
    const { sign } = this.#form
    if (sign === null) return true
    const file = fill(sign.file, { dir: this.dir, host: '', ports: {}, files: {} })
    return new RegExp(sign.match.replaceAll('{pid}', String(id.pid))).test(readFileSync(file, 'latin1'))
  }

  /** Whoever answered may have been another program that took the port first. */
  #refuseStranger({ id }: Started): void {
    const { port } = this.addresses[this.#launch.ready.port]!
    const family = familyOf(id).map(({ pid }) => pid)
    if (listensOn(family, port) === false) throw new HarnessError('port-taken', `${this.name}: another program listens on port ${port}`)
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

  /** SIGKILL takes its children too, and returns once they are gone; any other signal goes to the part alone, which may outlive it. */
  async kill(name: NodeJS.Signals): Promise<void> {
    if (this.#started === undefined) return
    if (name === 'SIGKILL') await killFamily(this.#started)
    else signal(this.#started.id, name)
  }

  async pause(): Promise<void> {
    if (this.#started !== undefined) haltFamily(this.#started.id)
  }

  async resume(): Promise<void> {
    if (this.#started !== undefined) wakeFamily(this.#started.id)
  }

  async restart(): Promise<void> {
    await this.#stop()
    await this.begin(new AbortController().signal)
  }

  async drain(): Promise<void> {
    if (this.#started !== undefined) signal(this.#started.id, this.#launch.stop.signal)
  }

  #offerDisk(path: string): void {
    this.fill = async () => void fillDisk(path)
    this.makeRoom = async () => emptyDisk(path)
  }

  async shiftClock(offsetMs: number): Promise<void> {
    if (!this.#launch.clock) throw new HarnessError('capability-absent', `the clock of ${this.name} cannot be moved`)
    setClock(this.dir, offsetMs)
  }

  async figures(): Promise<Figures> {
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
    if (this.#form.disk !== undefined) unmountDisk(join(this.dir, this.#form.disk.at))
  }
}
