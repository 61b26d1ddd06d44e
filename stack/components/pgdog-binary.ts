/** Finds the PgDog binary: `$PGDOG_BIN`, else `pgdog` on the PATH. */
import { firstLine, isExecutable, pathOf } from '../tools.ts'

export interface FoundBinary {
  readonly path: string
  readonly version: string
}

/** Asked once a process: it is asked for at every turn. */
const known = new Map<string, FoundBinary | null>()

/** Its path and what it says of its version; null if there is none that runs. */
export function findPgdog(env: NodeJS.ProcessEnv = process.env): FoundBinary | null {
  const path = env['PGDOG_BIN'] || pathOf('pgdog', env)
  if (path === null || !isExecutable(path)) return null
  const found = known.get(path) ?? ask(path)
  known.set(path, found)
  return found
}

function ask(path: string): FoundBinary | null {
  try {
    return { path, version: firstLine(path, ['--version']).replaceAll(/\s+/g, ' ') }
  } catch {
    return null
  }
}
