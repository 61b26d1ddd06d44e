/** Folders made once by commands, kept by key, and copied for each part that asks for one. */
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HarnessError, asHarnessError } from '../harness-error.ts'
import type { Prepared } from '../launch.ts'
import type { Ledger } from '../ledger.ts'
import { limitMs } from '../limits.ts'
import { asideOf, stateFolder } from '../state.ts'
import { tailOf } from './log-file.ts'
import { runToEnd, type Command } from './process.ts'
import { hand, reachable, type Account } from './unprivileged.ts'

export interface Pantry {
  /** Puts a copy of the prepared folder at `{dir}/{into}` and finishes it; makes the original first if it is not there. */
  lay(prepared: Prepared, dir: string, account: Account | null): Promise<void>
}

/** Makes each original once, also when several parts ask for it at the same time. */
export function openPantry(ledger: Ledger): Pantry {
  const making = new Map<string, Promise<string>>()
  const originalOf = (prepared: Prepared, account: Account | null) => {
    const name = nameOf(prepared, account)
    const known = making.get(name) ?? makeOnce(prepared, name, account, ledger)
    making.set(name, known)
    known.catch(() => making.delete(name))
    return known
  }
  return {
    async lay(prepared, dir, account) {
      const original = await originalOf(prepared, account)
      const copy = join(dir, prepared.into)
      await step(ledger, { name: 'copy', cwd: dir, argv: ['cp', '-a', original, copy], account: null })
      for (const { argv, input } of prepared.finish)
        await step(ledger, { name: 'finish', cwd: dir, argv: argv.map((text) => text.replaceAll('{copy}', copy)), account, input })
    },
  }
}

function nameOf(prepared: Prepared, account: Account | null): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([prepared.key, prepared.make]))
    .digest('hex')
    .slice(0, 12)
  return `${prepared.key}-${digest}-${account?.uid ?? 'self'}`
}

/**
 * Made aside and moved into place in one act: two harnesses may do the work twice, but none ever sees a half, and what a killed one left
 * aside is undone by its ledger.
 */
async function makeOnce(prepared: Prepared, name: string, account: Account | null, ledger: Ledger): Promise<string> {
  const target = join(stateFolder('cache', 'prepared'), name)
  if (existsSync(target)) return target
  const aside = asideOf(target)
  ledger.note({ kind: 'folder', owner: process.pid, path: aside })
  try {
    await make(prepared, aside, account, ledger)
    renameSync(join(aside, 'out'), target)
  } catch (error) {
    if (!existsSync(target)) throw asHarnessError(error, 'stack-did-not-rise')
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
  return target
}

async function make(prepared: Prepared, aside: string, account: Account | null, ledger: Ledger): Promise<void> {
  mkdirSync(join(aside, 'out'), { recursive: true, mode: 0o700 })
  if (account !== null) hand(aside, account)
  for (const argv of prepared.make) {
    const command = argv.map((text) => text.replaceAll('{out}', join(aside, 'out')))
    await step(ledger, { name: 'prepare', cwd: aside, argv: command, account })
  }
}

interface Step extends Pick<Command, 'name' | 'cwd' | 'account' | 'argv'> {
  /** Text for its standard input. */
  readonly input?: string
}

/** One command run to its end; what it said goes into the error if it fails, and is gone otherwise. */
async function step(ledger: Ledger, { name, cwd, account, argv: [program = '', ...argv], input = '' }: Step): Promise<void> {
  const aside = join(cwd, `.${name}-${randomBytes(4).toString('hex')}`)
  const [logFile, inputFile] = [`${aside}.log`, `${aside}.in`]
  writeFileSync(inputFile, input, { mode: 0o600 })
  const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' }
  const found = program.includes('/') ? reachable(program, account) : onPath(program)
  try {
    await runToEnd({ name, program: found, argv, env, cwd, logFile, inputFile, account }, ledger, limitMs('prepare-folder'))
  } catch (error) {
    throw asHarnessError(error, 'stack-did-not-rise', `\n${tailOf(logFile, 20)}`)
  } finally {
    for (const file of [logFile, inputFile]) rmSync(file, { force: true })
  }
}

function onPath(program: string): string {
  const found = ['/bin', '/usr/bin', ...(process.env['PATH'] ?? '').split(':')]
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path))
  if (found === undefined) throw new HarnessError('tool-missing', `${program} is not on the PATH`)
  return found
}
