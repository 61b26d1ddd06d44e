/** Finds the PgDog binary: `$PGDOG_BIN`, else `pgdog` on the PATH. */
import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

export interface FoundBinary {
  readonly path: string
  readonly version: string
}

const known = new Map<string, FoundBinary>()

/** Its path and what it says of its version; null if there is none that runs. */
export function findPgdog(env: NodeJS.ProcessEnv = process.env): FoundBinary | null {
  const candidates = env['PGDOG_BIN'] ? [env['PGDOG_BIN']] : (env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'pgdog'))
  for (const path of candidates) {
    const found = known.get(path) ?? (isExecutable(path) ? ask(path) : null)
    if (found === null) continue
    known.set(path, found)
    return found
  }
  return null
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function ask(path: string): FoundBinary | null {
  try {
    const said = execFileSync(path, ['--version'], { encoding: 'utf8', timeout: 5_000 })
    return { path, version: said.trim().replaceAll(/\s+/g, ' ') }
  } catch {
    return null
  }
}
