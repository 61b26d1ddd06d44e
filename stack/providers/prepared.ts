/** Folders made once by commands, kept by key, and copied for each part that asks for one. */
import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { HarnessError } from '../harness-error.ts'
import type { Prepared } from '../launch.ts'
import { limitMs } from '../limits.ts'
import { stateFolder } from '../state.ts'
import { hand, reachable, type Account } from './unprivileged.ts'

const run = promisify(execFile)
const copying = new Map<string, Promise<string>>()

/** Puts a copy of the prepared folder at a path; makes the original first if it is not there. */
export async function layPrepared(prepared: Prepared, into: string, account: Account | null): Promise<void> {
  const original = await (copying.get(prepared.key) ?? remember(prepared, account))
  await run('cp', ['-a', original, into])
}

function remember(prepared: Prepared, account: Account | null): Promise<string> {
  const making = makeOnce(prepared, account)
  copying.set(prepared.key, making)
  making.catch(() => copying.delete(prepared.key))
  return making
}

async function makeOnce(prepared: Prepared, account: Account | null): Promise<string> {
  const digest = createHash('sha256').update(JSON.stringify(prepared)).digest('hex').slice(0, 12)
  const target = join(stateFolder('cache', 'prepared'), `${prepared.key}-${digest}-${account?.uid ?? 'self'}`)
  if (existsSync(target)) return target
  const aside = `${target}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    await make(prepared, aside, account)
    renameSync(join(aside, 'out'), target)
  } catch (error) {
    if (!existsSync(target)) throw error
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
  return target
}

async function make(prepared: Prepared, aside: string, account: Account | null): Promise<void> {
  mkdirSync(join(aside, 'out'), { recursive: true, mode: 0o700 })
  for (const file of prepared.files) writeFileSync(join(aside, file.name), file.content, { mode: file.mode })
  if (account !== null) hand(aside, account)
  const values = {
    '{out}': join(aside, 'out'),
    ...Object.fromEntries(prepared.files.map((file) => [`{file:${file.name}}`, join(aside, file.name)])),
  }
  for (const [program = '', ...argv] of prepared.make) {
    const command = argv.map((text) => Object.entries(values).reduce((filled, [name, value]) => filled.replaceAll(name, value), text))
    try {
      await run(reachable(program, account), command, {
        cwd: aside,
        env: { PATH: process.env['PATH'], LC_ALL: 'C' },
        timeout: limitMs('prepare-folder'),
        ...account,
      })
    } catch (error) {
      throw new HarnessError(
        'stack-did-not-rise',
        `could not prepare ${prepared.key}: ${(error as { stderr?: string }).stderr ?? String(error)}`,
        { cause: error },
      )
    }
  }
}
