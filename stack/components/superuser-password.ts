/** The superuser's password is part of the prepared cluster, so it belongs to the state root; only this user can read it. */
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stateFolder } from '../state.ts'

export function superuserPassword(): string {
  const file = join(stateFolder('cache'), 'superuser-password')
  if (!existsSync(file)) makeOnce(file)
  return readFileSync(file, 'utf8')
}

/** Two harnesses may come here at once: the first one's word holds. */
function makeOnce(file: string): void {
  try {
    writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
