/** Runs Launches as plain processes on the loopback address: no container, no account is made, and Postgres never runs as root. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { HarnessError, asHarnessError } from '../harness-error.ts'
import type { Launch, ProcessForm, Provider, Running } from '../launch.ts'
import type { Ledger } from '../ledger.ts'
import { makeFolder } from '../state.ts'
import { clockArgv, clockEnv } from './clock.ts'
import { mountDisk, unmountDisk } from './disk.ts'
import { tailOf } from './log-file.ts'
import { fill, type Values } from './placeholders.ts'
import { freePort } from './ports.ts'
import { openPantry, type Pantry } from './prepared.ts'
import type { Command } from './process.ts'
import { ProcessPart } from './process-part.ts'
import { hand, reachable, unprivileged } from './unprivileged.ts'

const host = '127.0.0.1'
const projectRoot = resolve(import.meta.dirname, '..', '..')
/** Another program may take a port between our look and the part's: then with other ports. */
const portTries = 3

interface Site {
  readonly ledger: Ledger
  readonly pantry: Pantry
}

/** `dir` is the stack's folder: each part gets one of its own below it. */
export function embedded(ledger: Ledger, dir: string): Provider {
  const site = { ledger, pantry: openPantry(ledger) }
  return {
    name: 'embedded',
    async start(launch, signal) {
      const form = launch.process
      if (form === null) throw new HarnessError('capability-absent', `${launch.name} has no form that runs as a process`)
      for (let attempt = 1; ; attempt++) {
        try {
          return await startOnce(site, launch, form, join(dir, launch.name), signal)
        } catch (error) {
          if (attempt === portTries || (error as HarnessError).code !== 'port-taken') throw error
        }
      }
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

async function startOnce(site: Site, launch: Launch, form: ProcessForm, dir: string, signal: AbortSignal): Promise<Running> {
  let part: ProcessPart | undefined
  try {
    const values = await layFolder(site, launch, form, dir)
    part = new ProcessPart(launch, form, commandOf(launch, form, dir, values), addressesOf(values), site.ledger)
    await part.begin(signal)
    return part
  } catch (error) {
    const tail = tailOf(join(dir, 'log'), 25)
    await part?.[Symbol.asyncDispose]()
    clear(dir, form)
    throw explain(error, tail)
  }
}

function clear(dir: string, { disk }: ProcessForm): void {
  if (disk !== undefined) unmountDisk(join(dir, disk.at))
  rmSync(dir, { recursive: true, force: true })
}

function explain(error: unknown, tail: string): HarnessError {
  const hint = tail === '' ? '' : `\nlast lines of its log:\n${tail}`
  if (!/EADDRINUSE|address already in use/i.test(tail)) return asHarnessError(error, 'stack-did-not-rise', hint)
  return new HarnessError('port-taken', `${(error as Error).message}: another program took a port of it${hint}`, { cause: error })
}

function addressesOf({ ports }: Values) {
  return Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, { host, port }]))
}

/** The part's folder with its prepared data and files, owned by whom it runs as. */
async function layFolder({ pantry, ledger }: Site, launch: Launch, form: ProcessForm, dir: string): Promise<Values> {
  clear(dir, form)
  makeFolder(dir)
  const account = form.unprivileged ? unprivileged() : null
  if (form.prepared !== null) await pantry.lay(form.prepared, dir, account)
  if (form.disk !== undefined) mountDisk(join(dir, form.disk.at), form.disk.mb, ledger)
  const ports: Record<string, number> = {}
  for (const name of Object.keys(launch.ports)) ports[name] = await freePort(host)
  const files = Object.fromEntries(launch.files.map((file) => [file.name.replaceAll('/', '-'), join(dir, file.name)]))
  const values = { dir, host, ports, files }
  for (const file of launch.files) {
    mkdirSync(join(dir, file.name, file.name.endsWith('/') ? '' : '..'), { recursive: true })
    if (file.name.endsWith('/')) continue
    writeFileSync(join(dir, file.name), fill(file.content, values), { mode: file.mode })
  }
  if (account !== null) for (const file of launch.files) hand(join(dir, file.name), account)
  return values
}

function commandOf(launch: Launch, form: ProcessForm, dir: string, values: Values): Command {
  const account = form.unprivileged ? unprivileged() : null
  const argv = form.argv.map((text) => fill(text, values))
  const own = Object.fromEntries(Object.entries(launch.env).map(([name, text]) => [name, fill(text, values)]))
  // Nothing else of the caller's environment: it may hold secrets, and PG… variables that steer what runs.
  const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC', ...coverageEnv(), ...(launch.clock ? clockEnv(dir) : {}), ...own }
  const common = { name: launch.name, cwd: dir, logFile: join(dir, 'log'), inputFile: null, account, env }
  if ('binary' in form.program) return { ...common, program: reachable(form.program.binary, account), argv }
  const program = resolve(projectRoot, form.program.node)
  if (!existsSync(program)) throw new HarnessError('tool-missing', `${launch.name} is to run ${program}, which is not there`)
  return { ...common, program: process.execPath, argv: [...(launch.clock ? clockArgv : []), program, ...argv] }
}

/** Coverage of our own parts is collected by Node itself when it is asked for. */
function coverageEnv(): Record<string, string> {
  const folder = process.env['NODE_V8_COVERAGE']
  return folder === undefined ? {} : { NODE_V8_COVERAGE: folder }
}
