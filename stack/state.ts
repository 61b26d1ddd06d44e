/** Where the harness keeps what is not in the project: caches and the folders of runs, outside the clone so that any user can reach them. */
import { mkdirSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** `$OROCHI_STATE_DIR`, or a folder of this user in the system's temporary one. */
export function stateRoot(env: NodeJS.ProcessEnv = process.env): string {
  return env['OROCHI_STATE_DIR'] ?? join(tmpdir(), `orochi-harness-${process.getuid?.() ?? 'user'}`)
}

/** A folder below the root, made if it is not there; others may pass through it but not list it. */
export function stateFolder(...names: string[]): string {
  const folder = join(stateRoot(), ...names)
  mkdirSync(folder, { recursive: true, mode: 0o711 })
  return folder
}

export function runFolder(run: string): string {
  return join(stateRoot(), 'runs', run)
}

/** Names of all runs that left something. */
export function runNames(): readonly string[] {
  try {
    return readdirSync(join(stateRoot(), 'runs')).toSorted()
  } catch {
    return []
  }
}
